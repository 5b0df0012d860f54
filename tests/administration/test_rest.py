"""GET /api/v1/patients: the same search as the page's, by the same rules."""

import pytest

from ehr.access.actions import place_restriction
from ehr.access.permissions import operator
from ehr.audit.models import AuditEvent
from tests.plumbing.api_client import problem, system, wrong
from tests.plumbing.cast import Cast
from tests.ui.filing import file
from tests.ui.people import patient

JOAN = {
    "id": "joan",
    "name": "HARRIS, Joan",
    "birth_date": "1967-01-09",
    "mrn": "80514470",
    "gender": "female",
    "deceased": False,
    "deceased_date": "",
    "location": "",
    "stay_since": None,
    "restricted": False,
    "looks_like_another": True,
    "group": "found",
}


@pytest.fixture(autouse=True)
def people(db: None) -> None:
    file([patient("joan", "Harris", "Joan", born="1967-01-09", mrn="80514470", gender="female")])
    file([patient("john", "Harris", "John", born="1957-03-14", mrn="80514471", gender="male")])


def ids(answer: object) -> list[str]:
    return [hit["id"] for hit in answer.json()["items"]]  # type: ignore[attr-defined] # Django's test client adds it


def test_a_row_has_two_identifiers(cast: Cast) -> None:
    content = cast.physician.browser().get("/api/v1/patients?q=harris 8051 4470").json()
    assert content == {"items": [JOAN | {"looks_like_another": False}], "more": False}


def test_people_of_similar_names_are_marked(cast: Cast) -> None:
    content = cast.physician.browser().get("/api/v1/patients?q=harris").json()
    assert [(hit["id"], hit["looks_like_another"]) for hit in content["items"]] == [("joan", True), ("john", True)]
    assert content["items"][0] == JOAN


def test_without_a_question_likely_patients_are_listed(cast: Cast) -> None:
    content = cast.physician.browser().get("/api/v1/patients").json()
    assert [(hit["id"], hit["group"]) for hit in content["items"]] == [("john", "newest"), ("joan", "newest")]


def test_the_trail_keeps_whom_it_showed_and_not_what_was_typed(cast: Cast) -> None:
    cast.physician.browser().get("/api/v1/patients?q=harris")
    row = AuditEvent.objects.get(action="administration.patient.search")
    assert (row.outcome, row.actor_id, row.entities, row.detail) == (
        "success",
        str(cast.physician.user.pk),
        ["Patient/joan", "Patient/john"],
        {"terms": 1, "found": 2, "patients": ["joan", "john"]},
    )


def test_a_restricted_patient_is_absent_for_who_may_not_break_the_glass(cast: Cast) -> None:
    place_restriction(actor=operator("tests"), patient_id="joan", kind="vip", reason="Known to the public")
    assert ids(cast.physician.browser().get("/api/v1/patients?q=harris")) == ["joan", "john"]
    assert ids(cast.registrar.browser().get("/api/v1/patients?q=harris")) == ["john"]


def test_a_client_system_finds_by_its_scope(db: None) -> None:
    assert ids(system("system/Patient.s").get("/api/v1/patients?q=harris")) == ["joan", "john"]
    assert system("system/Patient.r").get("/api/v1/patients?q=harris").status_code == 403


def test_a_question_has_an_end(cast: Cast) -> None:
    answer = cast.physician.browser().get("/api/v1/patients", {"q": "x" * 201})
    assert problem(answer) == wrong(("q", "Ensure this field has no more than 200 characters."))
    assert cast.physician.browser().get("/api/v1/patients", {"q": "x" * 200}).status_code == 200


def test_no_character_is_a_defect(cast: Cast) -> None:
    for text in ("\x00", "%", "'; DROP TABLE", "\U0001f600", "_", "\\"):
        assert cast.physician.browser().get("/api/v1/patients", {"q": text}).status_code in (200, 400), text

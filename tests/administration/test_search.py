"""Finding patients: what a question means, whom it finds, whom it may show, and what it costs."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from ehr.access.actions import grant_relationship, place_restriction
from ehr.access.permissions import operator
from ehr.administration.selectors.likeness import alike
from ehr.administration.selectors.search import find_patients, search_terms
from ehr.audit.models import AuditEvent
from tests.plumbing.cast import Cast
from tests.ui.filing import file
from tests.ui.people import margaret, patient

QueryCount = Callable[[int], AbstractContextManager[list[str]]]


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("okaf 1957", ["okaf", "1957"]),
        ("Sørensen", ["sorensen"]),
        ("O'Brien", ["obrien"]),
        ("4820 1173", ["4820", "1173"]),
        ("1957-03-14", ["19570314"]),
        ("1957-3-14", ["19570314"]),
        ("1957-03", ["195703"]),
        ("14-Mar-1957", ["19570314"]),
        ("14 march 1957", ["19570314"]),
        ("14Mar1957", ["19570314"]),
        ("Mar 14, 1957", ["19570314"]),
        ("Mar-1957", ["195703"]),
        ("mar 1957", ["mar", "1957"]),
        ("14.03.1957", ["19570314"]),
        ("14.3.1957", ["19570314"]),
        ("3/14/1957", ["19570314"]),
        ("03/1957", ["195703"]),
        ("okafor 3/14/1957 maggie", ["okafor", "maggie", "19570314"]),
        ("30.02.1957", ["30021957"]),
        ("14/03/1957", ["14031957"]),
        ("(304) 555-0147", ["304", "5550147"]),
        ("100% _x", ["100", "x"]),
        ("", []),
        (" , ", []),
    ],
)
def test_what_a_question_asks_for(typed: str, terms: list[str]) -> None:
    assert search_terms(typed) == terms


@pytest.mark.parametrize(
    ("names", "places"),
    [
        (["HARRIS, Joan", "HARRIS, John", "HARRISON, Paul"], {0, 1}),
        (["NGUYEN, Thi", "NGUYEN, Van"], set()),
        (["MÜLLER, Anna", "MULLER, Anna Maria"], {0, 1}),
        (["SMITH, Ann", "SMYTH, Anne"], set()),
        (["OKAFOR, M", "OKAFOR, Margaret"], {0, 1}),
        (["", "OKAFOR, Margaret"], set()),
        ([], set()),
    ],
)
def test_names_that_could_be_taken_for_each_other(names: list[str], places: set[int]) -> None:
    assert alike(names) == places


@pytest.fixture
def people(db: None) -> None:
    file(margaret())
    file(
        [
            patient("joan", "Harris", "Joan", born="1967-01-09", mrn="80514470"),
            patient("john", "Harris", "John", born="1965-05-30", mrn="80519923"),
            patient("maria", "Sørensen", "María José", born="1957-03", mrn="A-17"),
            patient("partial", "Okaforo", "Bo", born="1990", mrn="1957000"),
        ]
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("okaf", ["okafor", "partial"]),
        ("okafor", ["okafor", "partial"]),
        ("OKAFOR marg", ["okafor"]),
        ("adaeze", ["okafor"]),
        ("4820 1173", ["okafor"]),
        ("48201173", ["okafor"]),
        ("4820 1173 okafor", ["okafor"]),
        ("1957 4820", ["okafor"]),
        ("14-Mar-1957", ["okafor"]),
        ("Mar-1957", ["okafor", "maria"]),
        ("okaf 1957", ["okafor", "partial"]),
        ("5550147", ["okafor"]),
        ("304-555-0147", ["okafor"]),
        ("sorensen jose", ["maria"]),
        ("a17", ["maria"]),
        ("harris", ["joan", "john"]),
        ("kafor", []),
        ("zzz", []),
    ],
)
def test_whom_a_question_finds(people: None, cast: Cast, typed: str, found: list[str]) -> None:
    hits = find_patients(actor=cast.physician.actor, text=typed).hits
    assert [hit.patient_id for hit in hits] == found


def test_a_hit_says_who_and_where(people: None, cast: Cast) -> None:
    hit = find_patients(actor=cast.physician.actor, text="okafor margaret").hits[0]
    assert (hit.name, hit.birth_date, hit.gender, hit.mrn) == (
        "OKAFOR, Margaret Adaeze",
        "1957-03-14",
        "female",
        "48201173",
    )
    assert hit.location == "6 West B04"
    assert not hit.looks_like_another


def test_without_a_question_it_offers_recent_ones_first(people: None, cast: Cast) -> None:
    browser = cast.physician.browser()
    browser.get("/patients/john/")
    browser.get("/patients/maria/")
    hits = find_patients(actor=cast.physician.actor, text="").hits
    assert [(hit.group, hit.patient_id) for hit in hits] == [
        ("recent", "maria"),
        ("recent", "john"),
        ("in-house", "okafor"),
        ("newest", "partial"),
        ("newest", "joan"),
    ]


def test_a_restricted_patient_is_there_only_for_whom_it_lets_in(people: None, cast: Cast) -> None:
    def found_by(role: str) -> list[tuple[str, bool]]:
        hits = find_patients(actor=cast[role].actor, text="harris").hits
        return [(hit.patient_id, hit.restricted) for hit in hits]

    assert found_by("registrar") == [("joan", False), ("john", False)]
    place_restriction(actor=operator("tests"), patient_id="joan", kind="vip", reason="asked for it")
    assert found_by("registrar") == [("john", False)]
    assert found_by("physician") == [("joan", True), ("john", False)], "who may break the glass can find it"
    registrar = cast.registrar.user
    grant_relationship(
        actor=operator("tests"), user_id=str(registrar.pk), patient_id="joan", kind="queue", source="Encounter/1"
    )
    assert found_by("registrar") == [("joan", True), ("john", False)]


def test_a_search_is_audited_without_what_was_typed(people: None, cast: Cast) -> None:
    find_patients(actor=cast.physician.actor, text="harris")
    event = AuditEvent.objects.get(action="administration.patient.search")
    assert (event.entities, event.detail) == (
        ["Patient/joan", "Patient/john"],
        {"terms": 1, "found": 2, "patients": ["joan", "john"]},
    )
    assert "harris" not in str(vars(event)).lower()


@pytest.mark.parametrize("typed", ["harris", "harris joan", "okaf", "zzzz"])
def test_a_search_costs_the_same_for_one_row_and_for_many(
    people: None, cast: Cast, query_count: QueryCount, typed: str
) -> None:
    actor = cast.physician.actor
    with query_count(2 if typed == "zzzz" else 3):  # find, who may be seen, audit
        find_patients(actor=actor, text=typed)


def test_the_first_page_costs_four_queries(people: None, cast: Cast, query_count: QueryCount) -> None:
    actor = cast.physician.actor
    with query_count(4):  # and whom one opened lately
        find_patients(actor=actor, text="")

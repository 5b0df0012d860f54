"""GET /api/v1/imports: what was read, stored, parked and refused, and the trail of who looked."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from ehr.access.permissions import operator
from ehr.audit.models import AuditEvent
from ehr.fhir.imports.run import import_file
from ehr.fhir.imports.sources import SourceFile
from ehr.lib import json
from tests.plumbing.api_client import problem, refusal, system, wrong
from tests.plumbing.cast import Cast

AT = "2026-03-14T12:00:00Z"
NOTHING = refusal(404, "Not Found", "There is no such import, or nothing of it is left under this number.")
LINES = [
    b'{"resourceType": "Patient", "id": "ann", "birthDate": "1957-03-14"}',
    b'{"resourceType": "Patient", "id": "ben", "birthDate": "yesterday"}',
    b'{"resourceType": "Patient", "id": "cay", "birthDate": "tomorrow"}',
    b'{"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "x"}, "subject": {"reference": "Patient/nobody"}}',
    b'{"resourceType": "Patient", "id": "zqx", "nam',
]
BAD_DATE = "Patient.birthDate: "


def feed(tmp_path: Path, source: str, *lines: bytes) -> None:
    path = tmp_path / "feed.ndjson"
    path.write_bytes(b"\n".join(lines))
    import_file(operator("tests"), source, SourceFile(path, 0))


@pytest.fixture
def imported(db: None, frozen_clock: object, tmp_path: Path) -> None:
    feed(tmp_path, "ward 7/lab", *LINES)
    feed(tmp_path, "archive", LINES[0].replace(b"ann", b"amy"))


def summary(source: str, stored: int, parked: int, refused: int) -> dict[str, Any]:
    read = stored + parked + refused
    times = {"began_at": AT, "last_at": AT}
    return {"source": source, **times, "read": read, "stored": stored, "parked": parked, "refused": refused}


ARCHIVE, WARD = summary("archive", 1, 0, 0), summary("ward 7/lab", 1, 1, 3)


@pytest.fixture
def browser(imported: None, cast: Cast) -> Client:
    return cast.administrator.browser()


def remainders(browser: Client, question: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = browser.get(f"/api/v1/imports/ward 7/lab/remainders{question}").json()["items"]
    return items


def test_sources_are_listed_by_name(browser: Client) -> None:
    assert browser.get("/api/v1/imports").json() == {"items": [ARCHIVE, WARD], "next": None}


def test_pages_go_on_after_a_key(browser: Client) -> None:
    first = browser.get("/api/v1/imports?limit=1").json()
    assert first == {"items": [ARCHIVE], "next": "http://testserver/api/v1/imports?limit=1&after=archive"}
    assert browser.get(first["next"]).json() == {"items": [WARD], "next": None}


def test_a_source_is_told_by_type_and_reason(browser: Client) -> None:
    content = browser.get("/api/v1/imports/ward 7/lab").json()
    reasons = content.pop("reasons")
    assert content == WARD | {
        "types": [
            {"type": "", "stored": 0, "parked": 0, "refused": 1},
            {"type": "Observation", "stored": 0, "parked": 1, "refused": 0},
            {"type": "Patient", "stored": 1, "parked": 0, "refused": 2},
        ]
    }
    assert sum(reason["count"] for reason in reasons) == 4
    assert [reason for reason in reasons if reason["status"] == "parked"] == [
        {"status": "parked", "reason": "Patient/nobody is not known here", "count": 1}
    ]
    assert [reason["count"] for reason in reasons] == sorted((reason["count"] for reason in reasons), reverse=True)


def test_remainders_come_in_order_and_without_their_content(browser: Client) -> None:
    found = remainders(browser)
    assert sorted((row["place"], row["type"], row["status"]) for row in found) == [
        ("feed.ndjson line 2", "Patient", "refused"),
        ("feed.ndjson line 3", "Patient", "refused"),
        ("feed.ndjson line 4", "Observation", "parked"),
        ("feed.ndjson line 5", "", "refused"),
    ]
    assert {frozenset(row) for row in found} == {frozenset({"id", "place", "type", "status", "reasons", "recorded_at"})}
    assert {row["recorded_at"] for row in found} == {AT}
    assert [row["id"] for row in found] == sorted(row["id"] for row in found)


def test_remainders_by_status(browser: Client) -> None:
    (parked,) = remainders(browser, "?status=parked")
    assert parked["reasons"] == ["Patient/nobody is not known here"]
    assert len(remainders(browser, "?status=refused")) == 3
    answer = browser.get("/api/v1/imports/archive/remainders?status=stored")
    assert problem(answer) == wrong(("status", '"stored" is not a valid choice.'))


def test_remainders_page_by_page_come_once_each(browser: Client) -> None:
    seen, path = [], "/api/v1/imports/ward 7/lab/remainders?limit=3"
    while path:
        content = browser.get(path).json()
        seen.append([row["id"] for row in content["items"]])
        path = content["next"]
    assert [len(page) for page in seen] == [3, 1]
    assert [number for page in seen for number in page] == [row["id"] for row in remainders(browser)]


def test_what_was_refused_is_given_as_it_was_read(browser: Client) -> None:
    contents = {
        row["place"]: browser.get(f"/api/v1/imports/ward 7/lab/remainders/{row['id']}").json()["content"]
        for row in remainders(browser)
    }
    assert json.decode(contents["feed.ndjson line 2"].encode()) == json.decode(LINES[1])
    assert contents["feed.ndjson line 5"] == LINES[4].decode()


def test_each_look_is_audited_with_what_it_showed(browser: Client, cast: Cast) -> None:
    found = remainders(browser)
    browser.get(f"/api/v1/imports/ward 7/lab/remainders/{found[0]['id']}")
    browser.get("/api/v1/imports/ward 7/lab")
    browser.get("/api/v1/imports")
    rows = AuditEvent.objects.filter(actor_id=str(cast.administrator.user.pk), action__startswith="fhir.import.")
    source = {"source": "ward 7/lab"}
    assert [(row.action, row.outcome, row.entities, row.detail) for row in rows.order_by("id")] == [
        (
            "fhir.import.read_remainders",
            "success",
            [f"ImportRemainder/{row['id']}" for row in found],
            {**source, "found": 4},
        ),
        ("fhir.import.read_remainder", "success", [f"ImportRemainder/{found[0]['id']}"], source),
        ("fhir.import.read", "success", [], source),
        ("fhir.import.list", "success", [], {"found": 2}),
    ]


PATHS = ["", "/archive", "/archive/remainders", "/archive/remainders/1", "/nowhere"]


@pytest.mark.parametrize("path", PATHS)
def test_who_may_not_is_refused_alike_whether_it_is_there(imported: None, cast: Cast, path: str) -> None:
    """Absent and forbidden look alike."""
    for client in (cast.physician.browser(), system("system/Patient.rs")):
        answer = client.get(f"/api/v1/imports{path}")
        assert answer.status_code == 403
    assert AuditEvent.objects.filter(action__startswith="fhir.import.", outcome="refused").count() == 2


def test_a_client_system_that_may_read_everything_may_read_what_was_refused(imported: None) -> None:
    client = system("system/*.rs")
    assert client.get("/api/v1/imports").json()["items"] == [ARCHIVE, WARD]
    assert system("system/*.s").get("/api/v1/imports").status_code == 403


@pytest.mark.parametrize(
    "path", ["nowhere", "nowhere/remainders", "archive/remainders/1", f"archive/remainders/{10**30}"]
)
def test_what_is_not_there_is_told(browser: Client, path: str) -> None:
    assert problem(browser.get(f"/api/v1/imports/{path}")) == NOTHING


def test_another_source_has_no_way_to_a_remainder(browser: Client) -> None:
    number = remainders(browser)[0]["id"]
    assert browser.get(f"/api/v1/imports/ward 7/lab/remainders/{number}").status_code == 200
    assert problem(browser.get(f"/api/v1/imports/archive/remainders/{number}")) == NOTHING

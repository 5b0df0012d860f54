"""Searches of the whole system, which begin with no type."""

from urllib.parse import quote

import pytest

from tests.fhir.rest.paging import walked
from tests.plumbing.fhir_client import FORM, Answer, FHIRClient, registered

pytestmark = pytest.mark.usefixtures("db")

TAG = {"system": "http://example.org/tags", "code": "checked"}
PATIENT = {"resourceType": "Patient", "id": "p", "meta": {"tag": [TAG]}, "birthDate": "1957-03-14"}
OBSERVATION = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": {"text": "x"},
    "subject": {"reference": "Patient/p"},
    "effectiveDateTime": "2020-02-03",
}
ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e",
    "meta": {"tag": [TAG]},
    "status": "finished",
    "class": {"code": "AMB"},
    "subject": {"reference": "Patient/p"},
    "period": {"start": "2020-02-01", "end": "2020-02-05"},
}
BASIC = {"resourceType": "Basic", "id": "b", "code": {"text": "x"}}


@pytest.fixture(autouse=True)
def resources(fhir: FHIRClient) -> None:
    for resource in (PATIENT, OBSERVATION, ENCOUNTER, BASIC):
        assert fhir.put(f"{resource['resourceType']}/{resource['id']}", resource).status == 201


def ids(answer: Answer) -> str:
    return " ".join(entry["resource"]["id"] for entry in answer.resource.get("entry", []))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "p o e b"),
        ("_type=Patient,Basic", "p b"),
        ("_type=Basic&_id=b,p", "b"),
        ("_id=b,p", "p b"),
        ("_lastUpdated=gt2000", "p o e b"),
        ("_lastUpdated=lt2000", ""),
        ("_tag=http://example.org/tags|checked", "p e"),
        ("_tag:not=checked", "o b"),
        ("_tag:missing=true", "o b"),
        ("_type=Observation,Encounter&date=2020-02-03", "o"),
        ("_type=Observation,Encounter&date=gt2020-02-03", "e"),
        ("_type=Observation,Encounter&date:missing=true", ""),
        ("_type=Observation,Encounter&date:missing=false", "o e"),
        ("_type=Observation,Encounter&patient=p", "o e"),
        ("_type=Observation,Encounter&patient:Patient.birthdate=1957", "o e"),
        ("_type=Observation,Encounter&patient.birthdate=1958", ""),
        ("_type=Observation,Encounter&status:not=final", "e"),
        ("_type=Patient,Encounter&_sort=_id", "e p"),
        ("_type=Observation&_include=Observation:subject", "o p"),
        ("_type=Patient,Basic&_revinclude=Encounter:subject&_id=p", "p e"),
        ("_type=Observation&_sort=date", "o"),
    ],
)
def test_finds(fhir: FHIRClient, query: str, expected: str) -> None:
    answer = fhir.get(f"?{quote(query, safe='=&,:.|/')}")
    assert (answer.status, ids(answer)) == (200, expected)


def test_finds_by_form(fhir: FHIRClient) -> None:
    answer = fhir.request("POST", "_search", b"_type=Patient,Basic&_id=b", content_type=FORM)
    assert (answer.status, ids(answer)) == (200, "b")


@pytest.mark.parametrize(
    ("query", "issue"),
    [
        ("_type=Patients", ("error", "not-supported", ["_type"])),
        ("_type=Patient&_type=Basic", ("error", "value", ["_type"])),
        ("birthdate=1957", ("error", "not-supported", ["birthdate"])),
        ("_type=Patient,Basic&_sort=birthdate", ("error", "value", ["_sort"])),
        ("_type=Patient,Basic&_include=*", ("error", "value", ["_include"])),
        ("_elements=nonsense", ("error", "value", ["_elements"])),
    ],
)
def test_refuses(fhir: FHIRClient, query: str, issue: tuple[str, str, list[str]]) -> None:
    answer = fhir.get(f"?{query}", prefer="handling=strict")
    assert (answer.status, answer.issues) == (400, [issue])


def test_pages_hold_each_resource_once(fhir: FHIRClient) -> None:
    pages = walked(fhir, "?_count=1&_type=Patient,Encounter,Basic")
    assert [[entry["resource"]["id"] for entry in page] for page in pages] == [["p"], ["e"], ["b"]]
    assert pages[0][0]["fullUrl"] == "http://testserver/fhir/R4/Patient/p"


def test_who_may_search_one_type_finds_that_type_only() -> None:
    client = registered("basics", scope="system/Basic.rs")
    assert ids(client.get("?_lastUpdated=gt2000")) == "b"
    assert client.get("?_type=Basic,Patient").status == 403


def test_who_may_search_nothing_is_refused() -> None:
    client = registered("writer", scope="system/Basic.cu")
    assert client.get("?_lastUpdated=gt2000").status == 403

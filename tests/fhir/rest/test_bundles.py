"""Batch and transaction: references between entries, order, all or nothing."""

import base64
from typing import Any

import pytest

from ehr.audit.models import AuditEvent
from ehr.lib import json
from tests import factories
from tests.plumbing.fhir_client import Answer, FHIRClient

pytestmark = pytest.mark.usefixtures("db")

A, B, C = (f"urn:uuid:6f0c2a36-7b6b-4b9a-9d0e-0a5d3f5d7c1{digit}" for digit in "123")
Resource = dict[str, Any]


def entry(
    method: str, url: str, resource: Resource | None = None, full_url: str | None = None, **request: str
) -> Resource:
    made: Resource = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        made["resource"] = resource
    if full_url is not None:
        made["fullUrl"] = full_url
    return made


def send(fhir: FHIRClient, kind: str, *entries: Resource, **headers: str) -> Answer:
    return fhir.post("", {"resourceType": "Bundle", "type": kind, "entry": list(entries)}, **headers)


def patient(**elements: Any) -> Resource:
    return {"resourceType": "Patient", **elements}


def observation(subject: str, **elements: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": subject},
        **elements,
    }


def statuses(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [one["response"]["status"] for one in answer.resource["entry"]]


def location(answer: Answer, number: int) -> str:
    return (
        str(answer.resource["entry"][number]["response"]["location"])
        .partition("/fhir/R4/")[2]
        .partition("/_history")[0]
    )


def test_a_transaction_resolves_references_between_its_entries(fhir: FHIRClient) -> None:
    answer = send(
        fhir, "transaction",
        entry("POST", "Observation", observation(A), B),
        entry("POST", "Patient", patient(active=True), A),
    )  # fmt: skip
    assert statuses(answer) == ["201 Created", "201 Created"]
    assert fhir.get(location(answer, 0)).resource["subject"] == {"reference": location(answer, 1)}


def test_circular_references_are_stored(fhir: FHIRClient) -> None:
    links = [{"other": {"reference": other}, "type": "seealso"} for other in (B, A)]
    answer = send(
        fhir, "transaction",
        entry("POST", "Patient", patient(link=[links[0]]), A),
        entry("POST", "Patient", patient(link=[links[1]]), B),
    )  # fmt: skip
    first, second = location(answer, 0), location(answer, 1)
    assert fhir.get(first).resource["link"][0]["other"]["reference"] == second
    assert fhir.get(second).resource["link"][0]["other"]["reference"] == first


def test_conditional_references_find_their_target(fhir: FHIRClient) -> None:
    there = factories.patient(identifier=[{"system": "urn:x", "value": "9"}])
    assert fhir.put(f"Patient/{there['id']}", there).status == 201
    answer = send(fhir, "transaction", entry("POST", "Observation", observation("Patient?identifier=urn:x|9")))
    assert fhir.get(location(answer, 0)).resource["subject"] == {"reference": f"Patient/{there['id']}"}


def test_a_conditional_reference_without_a_match_stores_nothing(fhir: FHIRClient) -> None:
    answer = send(
        fhir, "transaction",
        entry("POST", "Patient", patient(), A),
        entry("POST", "Observation", observation("Patient?identifier=urn:x|nobody")),
    )  # fmt: skip
    assert (answer.status, answer.issues) == (
        422,
        [("error", "not-found", ["Bundle.entry[1].resource.subject.reference"])],
    )
    assert fhir.get("Patient").resource["total"] == 0


@pytest.mark.parametrize(
    ("bad", "status", "issue"),
    [
        (entry("POST", "Patient", patient(birthDate="1957-02-30")), 422, ("value", "Bundle.entry[1].resource.birthDate")),
        (entry("POST", "Patient", patient(surname="x")), 422, ("structure", "Bundle.entry[1].resource.surname")),
        (entry("POST", "Observation", observation("Patient/absent")), 422, ("not-found", "Bundle.entry[1].resource.subject.reference")),
        (entry("POST", "Observation", observation(C)), 422, ("not-found", "Bundle.entry[1].resource.subject.reference")),
        (entry("POST", "Group", patient()), 400, ("invalid", "Bundle.entry[1].resource")),
        (entry("POST", "Patient/1", patient()), 400, ("value", "Bundle.entry[1].request.url")),
        (entry("POST", "Patient"), 400, ("required", "Bundle.entry[1].resource")),
        (entry("DANCE", "Patient", patient()), 400, ("code-invalid", "Bundle.entry[1].request.method")),
        (entry("DELETE", "Patient/absent"), 404, ("not-found", "Bundle.entry[1].request")),
        (entry("PUT", "Patient", patient()), 400, ("value", "Bundle.entry[1].request.url")),
        ({"resource": patient()}, 400, ("required", "Bundle.entry[1].request")),
    ],
)  # fmt: skip
def test_one_bad_entry_and_nothing_is_stored(
    fhir: FHIRClient, bad: Resource, status: int, issue: tuple[str, str]
) -> None:
    answer = send(fhir, "transaction", entry("POST", "Patient", patient(active=True), A), bad)
    assert (answer.status, [(code, *where) for _, code, where in answer.issues]) == (status, [issue])
    assert fhir.get("Patient").resource["total"] == 0


def test_two_entries_about_one_resource_are_refused(fhir: FHIRClient) -> None:
    same = patient(id="same")
    answer = send(fhir, "transaction", entry("PUT", "Patient/same", same), entry("PUT", "Patient/same", same))
    assert (answer.status, answer.issues) == (400, [("error", "duplicate", ["Bundle.entry[1].request.url"])])


def test_a_transaction_creates_conditionally_once(fhir: FHIRClient) -> None:
    one = entry(
        "POST", "Patient", patient(identifier=[{"system": "urn:x", "value": "5"}]), A, ifNoneExist="identifier=urn:x|5"
    )
    first = send(fhir, "transaction", one)
    second = send(fhir, "transaction", one, entry("POST", "Observation", observation(A)))
    assert (statuses(first), statuses(second)) == (["201 Created"], ["200 OK", "201 Created"])
    assert fhir.get(location(second, 1)).resource["subject"]["reference"] == location(first, 0)


def test_reads_in_a_transaction_see_what_it_wrote(fhir: FHIRClient) -> None:
    answer = send(
        fhir, "transaction",
        entry("GET", "Patient?family=newcomer"),
        entry("POST", "Patient", patient(name=[{"family": "Newcomer"}])),
    )  # fmt: skip
    assert [one["resource"]["total"] for one in answer.resource["entry"] if "resource" in one] == [1]


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize("url", ["Patient/p", "Patient?_id=p"])
def test_a_patch_travels_as_a_binary(fhir: FHIRClient, kind: str, url: str) -> None:
    assert fhir.put("Patient/p", patient(id="p", active=True)).status == 201
    data = base64.b64encode(json.encode([{"op": "add", "path": "/gender", "value": "female"}])).decode()
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    answer = send(fhir, kind, entry("PATCH", url, binary))
    assert (statuses(answer), fhir.get("Patient/p").resource["gender"]) == (["200 OK"], "female")


def test_a_batch_answers_each_entry_for_itself(fhir: FHIRClient) -> None:
    answer = send(
        fhir, "batch",
        entry("POST", "Patient", patient(active=True)),
        entry("POST", "Patient", patient(birthDate="1957-02-30")),
        entry("GET", "Patient/absent"),
        entry("POST", "Observation", observation("Patient/absent")),
        entry("GET", "Patient?active=true"),
    )  # fmt: skip
    assert statuses(answer) == ["201 Created", "422", "404", "422", "200 OK"]
    outcome = answer.resource["entry"][1]["response"]["outcome"]["issue"][0]
    assert (outcome["code"], outcome["expression"]) == ("value", ["Bundle.entry[1].resource.birthDate"])
    assert answer.resource["entry"][4]["resource"]["total"] == 1


def test_the_resources_come_back_when_asked_for(fhir: FHIRClient) -> None:
    brief = send(fhir, "transaction", entry("POST", "Patient", patient(active=True)))
    full = send(fhir, "transaction", entry("POST", "Patient", patient(active=True)), prefer="return=representation")
    assert ["resource" in one.resource["entry"][0] for one in (brief, full)] == [False, True]


@pytest.mark.parametrize(
    ("body", "issue"),
    [
        ({"resourceType": "Patient"}, ("invalid", ["resourceType"])),
        ({"resourceType": "Bundle", "type": "collection"}, ("value", ["Bundle.type"])),
        ({"resourceType": "Bundle"}, ("value", ["Bundle.type"])),
        ({"resourceType": "Bundle", "type": "transaction", "entry": {}}, ("structure", ["Bundle.entry"])),
        ({"resourceType": "Bundle", "type": "transaction", "entry": ["x"]}, ("structure", ["Bundle.entry"])),
        ({"resourceType": "Bundle", "type": "batch", "entry": [{}] * 5001}, ("too-costly", ["Bundle.entry"])),
    ],
)
def test_what_is_no_batch_is_refused(fhir: FHIRClient, body: Resource, issue: tuple[str, list[str]]) -> None:
    answer = fhir.post("", body)
    assert (answer.status, [(code, where) for _, code, where in answer.issues]) == (400, [issue])


def test_an_empty_transaction_is_answered_in_kind(fhir: FHIRClient) -> None:
    assert send(fhir, "transaction").resource["type"] == "transaction-response"


def test_a_transaction_is_audited_once_for_each_patient(fhir: FHIRClient) -> None:
    answer = send(
        fhir, "transaction",
        entry("POST", "Patient", patient(active=True), A),
        entry("POST", "Observation", observation(A), B),
        entry("POST", "Patient", patient(active=False), C),
    )  # fmt: skip
    first, _, third = (location(answer, number) for number in range(3))
    rows = AuditEvent.objects.filter(action="fhir.bundle.transaction").values_list("patient_id", flat=True)
    assert sorted(rows) == sorted(reference.partition("/")[2] for reference in (first, third))

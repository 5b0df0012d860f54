"""Read, vread, create, update, patch, delete and history over HTTP, each with its refused twin."""

import pytest

from ehr.audit.models import AuditEvent
from ehr.lib.tenancy import use_tenant
from tests import factories
from tests.plumbing.fhir_client import FHIRClient, registered

pytestmark = pytest.mark.usefixtures("committed")

PATIENT = b'{"resourceType":"Patient","name":[{"family":"Okafor","given":["Margaret"]}],"birthDate":"1957-03-14"}'
QUANTITY = (
    b'{"resourceType":"Observation","status":"final","code":{"text":"x"},'
    b'"valueQuantity":{"value":10435.00,"unit":"mg"},"component":[{"code":{"text":"y"},"valueQuantity":{"value":1.50E2}}]}'
)


def created(fhir: FHIRClient, body: bytes = PATIENT, type_: str = "Patient") -> str:
    answer = fhir.post(type_, body)
    assert answer.status == 201, answer.body
    return str(answer.resource["id"])


def test_a_created_resource_is_read_back_with_its_version(fhir: FHIRClient) -> None:
    answer = fhir.post("Patient", PATIENT)
    id_ = answer.resource["id"]
    assert (answer.status, answer.headers["ETag"]) == (201, 'W/"1"')
    assert answer.headers["Location"] == f"http://testserver/fhir/R4/Patient/{id_}/_history/1"
    read = fhir.get(f"Patient/{id_}")
    assert (read.status, read.body, read.headers["ETag"]) == (200, answer.body, 'W/"1"')
    assert read.headers["Content-Length"] == str(len(read.body))
    assert read.resource["meta"]["versionId"] == "1"


def test_number_literals_come_back_as_they_were_written(fhir: FHIRClient) -> None:
    id_ = created(fhir, QUANTITY, "Observation")
    body = fhir.get(f"Observation/{id_}").body
    assert (body.count(b"10435.00,"), body.count(b"1.50E2}")) == (1, 1)


def test_elements_nobody_models_come_back_whole(fhir: FHIRClient) -> None:
    sent = {
        "resourceType": "Basic",
        "id": "whole",
        "code": {"text": "anything"},
        "extension": [{"url": "http://example.org/x", "extension": [{"url": "y", "valueDecimal": 3}]}],
    }
    assert fhir.put("Basic/whole", sent).status == 201
    stored = fhir.get("Basic/whole").resource
    stored.pop("meta")
    assert stored == sent


def test_an_update_makes_a_version_and_keeps_the_old_one(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    changed = {"resourceType": "Patient", "id": id_, "name": [{"family": "Okafor-Smith"}]}
    answer = fhir.put(f"Patient/{id_}", changed, if_match='W/"1"')
    assert (answer.status, answer.headers["ETag"]) == (200, 'W/"2"')
    assert fhir.get(f"Patient/{id_}/_history/1").resource["name"][0]["family"] == "Okafor"
    assert fhir.get(f"Patient/{id_}/_history/2").resource["name"][0]["family"] == "Okafor-Smith"


def test_an_update_of_an_old_version_is_refused_and_changes_nothing(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    changed = {"resourceType": "Patient", "id": id_, "name": [{"family": "Second"}]}
    assert fhir.put(f"Patient/{id_}", changed, if_match='W/"1"').status == 200
    late = fhir.put(f"Patient/{id_}", {**changed, "name": [{"family": "Third"}]}, if_match='W/"1"')
    assert (late.status, late.issues) == (412, [("error", "conflict", [])])
    assert fhir.get(f"Patient/{id_}").resource["name"][0]["family"] == "Second"


def test_an_equal_update_makes_no_version(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    same = fhir.get(f"Patient/{id_}").resource
    answer = fhir.put(f"Patient/{id_}", same)
    assert (answer.status, answer.headers["ETag"]) == (200, 'W/"1"')


def test_a_client_may_name_the_id(fhir: FHIRClient) -> None:
    answer = fhir.put("Patient/my-own.1", {"resourceType": "Patient", "id": "my-own.1"})
    assert (answer.status, fhir.get("Patient/my-own.1").status) == (201, 200)


@pytest.mark.parametrize(
    ("path", "body", "status", "issue"),
    [
        ("Patient/a", {"resourceType": "Patient", "id": "b"}, 400, ("error", "invalid", ["Patient.id"])),
        ("Patient/a", {"resourceType": "Patient"}, 400, ("error", "invalid", ["Patient.id"])),
        ("Patient/a", {"resourceType": "Group", "id": "a"}, 400, ("error", "invalid", ["resourceType"])),
        ("Patient/a_b", {"resourceType": "Patient", "id": "a_b"}, 400, ("error", "value", ["Patient.id"])),
        ("Patents/a", {"resourceType": "Patents", "id": "a"}, 404, ("error", "not-supported", [])),
    ],
)
def test_a_misaddressed_update_is_refused(
    fhir: FHIRClient, path: str, body: dict[str, str], status: int, issue: tuple[str, str, list[str]]
) -> None:
    answer = fhir.put(path, body)
    assert (answer.status, answer.issues) == (status, [issue])


def test_a_patch_changes_what_it_names(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    answer = fhir.patch(f"Patient/{id_}", [{"op": "replace", "path": "/birthDate", "value": "1957-03-15"}])
    assert (answer.status, answer.resource["birthDate"], answer.headers["ETag"]) == (200, "1957-03-15", 'W/"2"')


@pytest.mark.parametrize(
    ("operations", "status", "code"),
    [
        ([{"op": "replace", "path": "/birthDate", "value": "1957-02-30"}], 422, "value"),
        ([{"op": "remove", "path": "/photo"}], 422, "processing"),
        ([{"op": "test", "path": "/birthDate", "value": "2000"}], 422, "processing"),
        ([{"op": "replace", "path": "/id", "value": "other"}], 422, "business-rule"),
        ([{"op": "dance", "path": "/birthDate"}], 400, "structure"),
        ({"op": "remove", "path": "/birthDate"}, 400, "structure"),
        (b"[", 400, "structure"),
    ],
)
def test_a_patch_that_does_not_fit_changes_nothing(
    fhir: FHIRClient, operations: object, status: int, code: str
) -> None:
    id_ = created(fhir)
    before = fhir.get(f"Patient/{id_}").body
    answer = fhir.patch(f"Patient/{id_}", operations)
    assert (answer.status, [issue[1] for issue in answer.issues]) == (status, [code])
    assert fhir.get(f"Patient/{id_}").body == before


def test_a_merge_patch_replaces_what_it_names_and_removes_what_it_nulls(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    before = fhir.get(f"Patient/{id_}").resource
    merge = {"birthDate": None, "maritalStatus": {"text": "widowed"}}
    answer = fhir.patch(f"Patient/{id_}", merge, content_type="application/merge-patch+json")
    left = {name: value for name, value in before.items() if name not in ("birthDate", "meta")}
    got = {name: value for name, value in answer.resource.items() if name != "meta"}
    assert (answer.status, answer.headers["ETag"], got) == (200, 'W/"2"', left | {"maritalStatus": {"text": "widowed"}})
    plain = fhir.patch(
        f"Patient/{id_}", {"maritalStatus": {"text": None}, "active": True}, content_type="application/json"
    )
    assert (plain.status, [issue[1:] for issue in plain.issues]) == (422, [("structure", ["Patient.maritalStatus"])])


@pytest.mark.parametrize(
    ("merge", "status", "code"),
    [
        ({"birthDate": "1957-02-30"}, 422, "value"),
        ({"id": "other"}, 422, "business-rule"),
        ({"id": None}, 422, "business-rule"),
        ([{"op": "remove", "path": "/birthDate"}], 400, "structure"),
        ("birthDate", 400, "structure"),
        (b"{", 400, "structure"),
        (b'{"name":' * 900 + b"null" + b"}" * 900, 422, "structure"),
    ],
)
def test_a_merge_patch_that_does_not_fit_changes_nothing(
    fhir: FHIRClient, merge: object, status: int, code: str
) -> None:
    id_ = created(fhir)
    before = fhir.get(f"Patient/{id_}").body
    answer = fhir.patch(f"Patient/{id_}", merge, content_type="application/merge-patch+json")
    assert (answer.status, [issue[1] for issue in answer.issues][:1]) == (status, [code])
    assert fhir.get(f"Patient/{id_}").body == before


def test_a_condition_in_the_url_of_a_create_is_one(fhir: FHIRClient) -> None:
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "1"}]}
    query = "Patient?_format=json&identifier=urn:x%7C1"
    first, again = fhir.post(query, body), fhir.post(query, body)
    assert (first.status, again.status, again.headers["ETag"]) == (201, 200, 'W/"1"')
    assert again.resource["id"] == first.resource["id"]
    assert fhir.post("Patient?_format=json", body).status == 201
    assert fhir.post(query, body).issues == [("error", "multiple-matches", [])]


def test_a_deleted_resource_is_gone_but_its_versions_stay(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    assert fhir.delete(f"Patient/{id_}").status == 204
    assert fhir.get(f"Patient/{id_}").status == 410
    assert fhir.get(f"Patient/{id_}/_history/1").status == 200
    assert fhir.get(f"Patient/{id_}/_history/2").status == 410
    assert fhir.get("Patient?family=okafor").resource["total"] == 0
    assert fhir.delete(f"Patient/{id_}").status == 204
    revived = fhir.put(f"Patient/{id_}", {"resourceType": "Patient", "id": id_})
    assert (revived.status, revived.headers["ETag"]) == (201, 'W/"3"')


def test_what_others_refer_to_cannot_be_deleted(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    observation = factories.observation({"resourceType": "Patient", "id": id_})
    assert fhir.put(f"Observation/{observation['id']}", observation).status == 201
    refused = fhir.delete(f"Patient/{id_}")
    assert (refused.status, refused.issues) == (409, [("error", "conflict", [])])
    assert fhir.delete(f"Observation/{observation['id']}").status == 204
    assert fhir.delete(f"Patient/{id_}").status == 204


def test_a_dangling_reference_is_refused_at_its_place(fhir: FHIRClient) -> None:
    observation = factories.observation({"resourceType": "Patient", "id": "nobody"})
    answer = fhir.post("Observation", observation)
    assert (answer.status, answer.issues) == (422, [("error", "not-found", ["Observation.subject.reference"])])
    assert fhir.get("Observation").resource["total"] == 0


@pytest.mark.parametrize("reference", ["urn:uuid:6f0c2a36-7b6b-4b9a-9d0e-0a5d3f5d7c11", "Patient?identifier=x|1"])
def test_a_reference_only_a_transaction_could_resolve_is_refused(fhir: FHIRClient, reference: str) -> None:
    answer = fhir.post("Basic", {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": reference}})
    assert (answer.status, answer.issues) == (422, [("error", "not-found", ["Basic.subject.reference"])])


def test_history_tells_every_version_newest_first(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    fhir.put(f"Patient/{id_}", {"resourceType": "Patient", "id": id_, "active": True})
    fhir.delete(f"Patient/{id_}")
    entries = fhir.get(f"Patient/{id_}/_history").resource["entry"]
    assert [(e["request"]["method"], e["response"]["etag"], "resource" in e) for e in entries] == [
        ("DELETE", 'W/"3"', False),
        ("PUT", 'W/"2"', True),
        ("POST", 'W/"1"', True),
    ]


def test_history_pages_meet_without_gap_or_overlap(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    for number in range(4):
        fhir.put(f"Patient/{id_}", {"resourceType": "Patient", "id": id_, "active": number % 2 == 0})
    found, path = [], f"Patient/{id_}/_history?_count=2"
    while path:
        page = fhir.get(path).resource
        found += [entry["response"]["etag"] for entry in page["entry"]]
        following = [link["url"] for link in page["link"] if link["relation"] == "next"]
        path = following[0].partition("/fhir/R4/")[2] if following else ""
    assert found == [f'W/"{version}"' for version in (5, 4, 3, 2, 1)]
    assert fhir.get(f"Patient/{id_}/_history?_page=forged").status == 400


def test_conditional_read_answers_304_while_nothing_changed(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    assert fhir.get(f"Patient/{id_}", if_none_match='W/"1"').status == 304
    assert fhir.get(f"Patient/{id_}", if_none_match='W/"2"').status == 200
    assert fhir.get(f"Patient/{id_}", if_none_match="one").status == 400


def test_conditional_create_stores_once(fhir: FHIRClient) -> None:
    body = factories.patient(identifier=[{"system": "urn:x", "value": "77"}])
    first = fhir.post("Patient", body, if_none_exist="identifier=urn:x|77")
    second = fhir.post("Patient", body, if_none_exist="identifier=urn:x|77")
    assert (first.status, second.status, second.resource["id"]) == (201, 200, first.resource["id"])
    third = fhir.post("Patient", body)
    assert third.status == 201
    ambiguous = fhir.post("Patient", body, if_none_exist="identifier=urn:x|77")
    assert (ambiguous.status, [issue[1] for issue in ambiguous.issues]) == (412, ["multiple-matches"])


def test_conditional_update_and_delete_act_on_the_one_match(fhir: FHIRClient) -> None:
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "78"}]}
    created_ = fhir.put("Patient?identifier=urn:x|78", body)
    updated = fhir.put("Patient?identifier=urn:x|78", {**body, "active": True})
    assert (created_.status, updated.status, updated.resource["id"]) == (201, 200, created_.resource["id"])
    assert fhir.delete("Patient?identifier=urn:x|78").status == 204
    assert fhir.get(f"Patient/{created_.resource['id']}").status == 410
    assert fhir.delete("Patient?identifier=urn:x|78").status == 204
    assert fhir.delete("Patient").status == 400


def test_conditional_patch_acts_on_the_one_match(fhir: FHIRClient) -> None:
    patch = [{"op": "add", "path": "/active", "value": True}]
    body = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "79"}]}
    nobody = fhir.patch("Patient?identifier=urn:x|79", patch)
    assert (nobody.status, nobody.issues) == (404, [("error", "not-found", [])])
    id_ = fhir.post("Patient", body).resource["id"]
    stale = fhir.patch("Patient?identifier=urn:x|79", patch, if_match='W/"7"')
    patched = fhir.patch("Patient?identifier=urn:x|79", patch)
    assert (stale.status, patched.status, patched.resource["id"], patched.resource["active"]) == (412, 200, id_, True)
    fhir.post("Patient", body)
    several = fhir.patch("Patient?identifier=urn:x|79", patch)
    assert (several.status, [issue[1] for issue in several.issues]) == (412, ["multiple-matches"])
    assert fhir.patch("Patient", patch).status == 400


def test_a_repeated_request_changes_nothing_and_gets_the_same_answer(fhir: FHIRClient) -> None:
    first = fhir.post("Patient", PATIENT, idempotency_key="one")
    again = fhir.post("Patient", PATIENT, idempotency_key="one")
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert again.headers["Location"] == first.headers["Location"]
    assert fhir.get("Patient").resource["total"] == 1
    reused = fhir.post("Patient", b'{"resourceType":"Patient"}', idempotency_key="one")
    assert (reused.status, reused.issues) == (422, [("error", "business-rule", [])])


def test_the_body_is_as_the_client_prefers(fhir: FHIRClient) -> None:
    minimal = fhir.post("Patient", PATIENT, prefer="return=minimal")
    told = fhir.post("Patient", PATIENT, prefer="return=OperationOutcome")
    assert (minimal.status, minimal.body) == (201, b"")
    assert (told.status, told.issues) == (201, [("information", "informational", [])])


def test_reads_and_writes_leave_their_audit_rows(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    fhir.get(f"Patient/{id_}")
    fhir.get("Patient/absent")
    rows = AuditEvent.objects.filter(patient_id=id_).order_by("id").values_list("action", "outcome", "entities")
    assert list(rows) == [
        ("fhir.resource.create", "success", [f"Patient/{id_}/_history/1"]),
        ("fhir.resource.read", "success", [f"Patient/{id_}/_history/1"]),
    ]


def test_a_token_without_the_scope_is_refused_and_audited(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    reader = registered("reader", scope="system/Observation.rs")
    answers = [
        reader.get(f"Patient/{id_}"),
        reader.get("Patient?family=okafor"),
        reader.post("Patient", PATIENT),
        reader.delete(f"Patient/{id_}"),
        reader.get(f"Patient/{id_}/$everything"),
        reader.get(f"Patient/{id_}/_history"),
        reader.get("Observation?subject:Patient.family=okafor"),
    ]
    assert [(answer.status, [issue[1] for issue in answer.issues]) for answer in answers] == [(403, ["forbidden"])] * 7
    assert AuditEvent.objects.filter(outcome="refused", actor_name="reader").count() == 7
    assert reader.get("Observation").status == 200


def test_without_a_token_nothing_is_said(fhir: FHIRClient, anonymous_fhir: FHIRClient) -> None:
    id_ = created(fhir)
    for answer in (anonymous_fhir.get(f"Patient/{id_}"), FHIRClient("forged").get(f"Patient/{id_}")):
        assert (answer.status, [issue[1] for issue in answer.issues]) == (401, ["login"])
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_another_tenants_patient_looks_absent(fhir: FHIRClient) -> None:
    id_ = created(fhir)
    with use_tenant("valley"):
        neighbour = registered("neighbour", scope="system/*.cruds", host="valley.testserver")
    there = neighbour.get(f"Patient/{id_}")
    nowhere = neighbour.get("Patient/00000000-0000-7000-8000-000000000000")
    assert (there.status, nowhere.status, there.issues) == (404, 404, nowhere.issues)
    assert FHIRClient(fhir.token, host="valley.testserver").get(f"Patient/{id_}").status == 401
    assert fhir.get(f"Patient/{id_}").status == 200

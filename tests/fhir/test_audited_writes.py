"""Each way to write over FHIR leaves the audit row of its action, and a refused one the row of the refusal."""

from collections.abc import Callable

import pytest

from ehr.audit.models import AuditEvent
from tests.plumbing.fhir_client import Answer, FHIRClient, registered

PATIENT = {"resourceType": "Patient", "id": "a", "name": [{"family": "Okafor"}]}
NEW = {"resourceType": "Patient", "name": [{"family": "Kowalczyk"}]}
WAYS: dict[str, tuple[Callable[[FHIRClient], Answer], list[str]]] = {
    "create": (lambda fhir: fhir.post("Patient", NEW), ["fhir.resource.create"]),
    "update": (lambda fhir: fhir.put("Patient/a", {**PATIENT, "active": True}), ["fhir.resource.update"]),
    "update by condition": (
        lambda fhir: fhir.put("Patient?family=okafor", {**PATIENT, "active": True}),
        ["fhir.resource.update"],
    ),
    "patch": (
        lambda fhir: fhir.patch("Patient/a", [{"op": "add", "path": "/active", "value": True}]),
        ["fhir.resource.patch"],
    ),
    "patch by condition": (
        lambda fhir: fhir.patch("Patient?family=okafor", [{"op": "add", "path": "/active", "value": True}]),
        ["fhir.resource.patch"],
    ),
    "delete": (lambda fhir: fhir.delete("Patient/a"), ["fhir.resource.delete"]),
    "delete by condition": (lambda fhir: fhir.delete("Patient?family=okafor"), ["fhir.resource.delete"]),
    "delete by condition, nobody": (
        lambda fhir: fhir.delete("Patient?family=nobody"),
        ["fhir.resource.delete-conditionally"],
    ),
}
REFUSALS: dict[str, str] = {
    "create": "fhir.resource.create",
    "update": "fhir.resource.update",
    "update by condition": "fhir.resource.update",
    "patch": "fhir.resource.patch",
    "patch by condition": "fhir.resource.patch-conditionally",
    "delete": "fhir.resource.delete",
    "delete by condition": "fhir.resource.delete-conditionally",
}


def _rows_since(number: int) -> list[tuple[str, str]]:
    return list(AuditEvent.objects.filter(id__gt=number).order_by("id").values_list("action", "outcome"))


def _last() -> int:
    return AuditEvent.objects.order_by("-id").values_list("id", flat=True)[0]


@pytest.mark.parametrize("way", WAYS)
def test_a_write_is_audited(fhir: FHIRClient, way: str) -> None:
    assert fhir.put("Patient/a", PATIENT).status == 201
    before = _last()
    write, actions = WAYS[way]
    assert write(fhir).status in (200, 201, 204)
    assert _rows_since(before) == [(action, "success") for action in actions]


@pytest.mark.parametrize("way", REFUSALS)
def test_a_refused_write_is_audited(fhir: FHIRClient, way: str) -> None:
    assert fhir.put("Patient/a", PATIENT).status == 201
    reader = registered("reader", scope="system/*.rs")
    before = _last()
    assert WAYS[way][0](reader).status == 403
    assert _rows_since(before) == [(REFUSALS[way], "refused")]
    assert fhir.get("Patient/a").resource["meta"]["versionId"] == "1"


def test_a_condition_takes_the_right_to_search(fhir: FHIRClient) -> None:
    """Or it would tell a writer what a search may not."""
    assert fhir.put("Patient/a", PATIENT).status == 201
    writer = registered("writer", scope="system/Patient.cud")
    before = _last()
    assert writer.put("Patient?family=okafor", PATIENT).status == 403
    assert writer.delete("Patient?family=okafor").status == 403
    assert writer.patch("Patient?family=okafor", []).status == 403
    assert writer.post("Patient", NEW, if_none_exist="family=okafor").status == 403
    assert _rows_since(before) == [
        ("fhir.resource.update-conditionally", "refused"),
        ("fhir.resource.delete-conditionally", "refused"),
        ("fhir.resource.patch-conditionally", "refused"),
        ("fhir.resource.create", "refused"),
    ]

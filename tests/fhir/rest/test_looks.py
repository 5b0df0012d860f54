"""Who looked at whom: every read, search, history and write about a patient is found by the patient."""

from collections import Counter

import pytest
from django.db import connections

from ehr.audit.models import AuditEvent
from ehr.audit.selectors import events_about
from tests.plumbing.fhir_client import FHIRClient, registered

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def charts(fhir: FHIRClient) -> None:
    """Two patients with an observation each, a third without; nothing of it counts below."""
    for number in "12":
        patient = {"resourceType": "Patient", "id": f"p{number}", "name": [{"family": f"Okafor{number}"}]}
        observation = {
            "resourceType": "Observation",
            "id": f"o{number}",
            "status": "final",
            "code": {"text": "x"},
            "subject": {"reference": f"Patient/p{number}"},
        }
        assert fhir.put(f"Patient/p{number}", patient).status == 201
        assert fhir.put(f"Observation/o{number}", observation).status == 201
    assert fhir.put("Patient/p3", {"resourceType": "Patient", "id": "p3"}).status == 201


@pytest.mark.parametrize(
    ("path", "action", "seen"),
    [
        ("Patient/p1", "fhir.resource.read", "p1"),
        ("Observation/o1/_history/1", "fhir.resource.vread", "p1"),
        ("Patient?_id=p1", "fhir.type.search", "p1"),
        ("Patient?name=okafor", "fhir.type.search", "p1 p2"),
        ("Observation?status=final", "fhir.type.search", "p1 p2"),
        ("Observation?_id=o1", "fhir.type.search", "p1"),
        ("Observation?_id=o1&_include=Observation:subject", "fhir.type.search", "p1"),
        ("Patient?_id=p2,p3&_revinclude=Observation:subject", "fhir.type.search", "p2 p3"),
        ("Observation?patient=p2&status=final&_summary=count", "fhir.type.search", "p2"),
        ("Condition?patient=Patient/p1,Patient/p2", "fhir.type.search", "p1 p2"),
        ("Condition?subject:Patient=p1", "fhir.type.search", "p1"),
        ("Observation?subject=Location/p1", "fhir.type.search", ""),
        ("Patient?name=nobody", "fhir.type.search", ""),
        ("?_type=Observation,Patient&_id=o1,p2", "fhir.system.search", "p1 p2"),
        ("Patient/p1/$everything", "fhir.patient.everything", "p1"),
        ("Patient/p1/_history", "fhir.history.read", "p1"),
        ("Observation/_history", "fhir.history.read", "p1 p2"),
        ("_history", "fhir.history.read", "p1 p2 p3"),
    ],
)
def test_a_look_is_one_row_and_found_by_each_patient(fhir: FHIRClient, path: str, action: str, seen: str) -> None:
    before = AuditEvent.objects.order_by("-id").values_list("id", flat=True)[0]
    assert fhir.get(path).status == 200
    (row,) = AuditEvent.objects.filter(id__gt=before)
    found = [patient for patient in ("p1", "p2", "p3") if events_about(patient).filter(id__gt=before).exists()]
    assert (row.action, " ".join(found)) == (action, seen)


def test_of_several_patients_the_row_says_their_ids_and_nothing_else(fhir: FHIRClient) -> None:
    fhir.get("Patient?name=okafor")
    row = AuditEvent.objects.latest("id")
    assert (row.patient_id, row.detail) == (None, {"type": "Patient", "patients": ["p1", "p2"]})
    assert row.entities == ["Patient/p1", "Patient/p2"]


def test_writes_and_refusals_are_among_what_is_found(fhir: FHIRClient) -> None:
    assert fhir.delete("Observation/o1").status == 204
    outsider = registered("outsider", scope="system/Basic.rs")
    assert outsider.get("Patient/p1/$everything").status == 403
    newest = [(event.action, event.outcome) for event in events_about("p1")[:2]]
    assert newest == [("fhir.patient.everything", "refused"), ("fhir.resource.delete", "success")]
    counted = Counter(event.action for event in events_about("p1"))
    assert counted == {"fhir.resource.update": 2, "fhir.resource.delete": 1, "fhir.patient.everything": 1}


def test_two_indexes_find_the_rows() -> None:
    with connections["general"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    plan = events_about("p1").order_by().explain()
    assert ("audit_event_patient " in plan, "audit_event_patients" in plan) == (True, True)

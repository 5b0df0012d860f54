"""FHIR R4 resources that are valid as they come, each with an id of its own, and a way to store them.

Every factory takes the elements to change by FHIR's own names; `class_` stands for Encounter.class. An element set to
None is left out.
"""

from decimal import Decimal
from itertools import count
from typing import Any

from ehr.access.permissions import operator
from ehr.fhir.bundles import Entry, read_entries, run_transaction
from ehr.lib import ids
from infra.demo_hospital import builders, codes
from infra.demo_hospital.builders import Resource

_numbers = count(1)


def reference_to(resource: Resource) -> Resource:
    """A Reference to a resource that has an id."""
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}


def patient(**elements: Any) -> Resource:
    """A Patient with name, birth date, gender and a medical record number of their own."""
    number = next(_numbers)
    made = builders.patient(
        ids.new_id(),
        mrn=f"7{number:07d}",
        names=[builders.human_name(f"Testerin{number}", ["Alma"])],
        birth_date="1980-02-29",
        gender="female",
    )
    return _with(made, elements)


def organization(**elements: Any) -> Resource:
    """A healthcare provider."""
    made = builders.organization(ids.new_id(), name="Test Hospital", kind="prov", kind_display="Healthcare Provider")
    return _with(made, elements)


def practitioner(**elements: Any) -> Resource:
    """A Practitioner with a name and an NPI."""
    name = builders.human_name("Adler", ["Ruth"], suffix="MD")
    return _with(builders.practitioner(ids.new_id(), npi="1234567893", name=name), elements)


def location(organization: Resource, **elements: Any) -> Resource:
    """A ward."""
    made = builders.location(
        ids.new_id(), name="6 West", physical="wa", physical_display="Ward", organization=reference_to(organization)
    )
    return _with(made, elements)


def encounter(patient: Resource, **elements: Any) -> Resource:
    """An inpatient stay that goes on."""
    made = builders.encounter(
        ids.new_id(),
        subject=reference_to(patient),
        status="in-progress",
        class_=codes.INPATIENT,
        kind=codes.HOSPITAL_ADMISSION,
        when=builders.period("2026-03-10T08:00:00Z"),
    )
    return _with(made, elements)


def coverage(patient: Resource, payor: Resource, **elements: Any) -> Resource:
    """An active Coverage."""
    made = builders.coverage(
        ids.new_id(),
        beneficiary=reference_to(patient),
        payor=reference_to(payor),
        subscriber_id="S1",
        plan="Gold",
        start="2026-01-01",
    )
    return _with(made, elements)


def condition(patient: Resource, **elements: Any) -> Resource:
    """An active, confirmed problem."""
    made = builders.condition(
        ids.new_id(), subject=reference_to(patient), code=builders.concept(codes.HYPERTENSION), onsetDateTime="2011"
    )
    return _with(made, elements)


def allergy_intolerance(patient: Resource, **elements: Any) -> Resource:
    """An active, confirmed allergy to penicillin."""
    made = builders.allergy(ids.new_id(), patient=reference_to(patient), code=builders.concept(codes.PENICILLIN))
    return _with(made, elements)


def observation(patient: Resource, value: str = "4.2", **elements: Any) -> Resource:
    """A final potassium in mmol/L."""
    made = builders.observation(
        ids.new_id(),
        subject=reference_to(patient),
        code=builders.concept(codes.loinc("2823-3", "Potassium [Moles/volume] in Serum or Plasma"), text="Potassium"),
        category="laboratory",
        profile="observation-lab",
        effective="2026-03-14T06:10:00Z",
        valueQuantity=builders.quantity(Decimal(value), "mmol/L", "mmol/L"),
    )
    return _with(made, elements)


def diagnostic_report(patient: Resource, *results: Resource, **elements: Any) -> Resource:
    """A final laboratory report of these Observations."""
    made = builders.diagnostic_report(
        ids.new_id(),
        subject=reference_to(patient),
        code=builders.concept(codes.loinc("24321-2", "Basic metabolic 2000 panel - Serum or Plasma")),
        effective="2026-03-14T06:10:00Z",
        issued="2026-03-14T06:40:00Z",
        result=[reference_to(result) for result in results],
    )
    return _with(made, elements)


def medication_request(patient: Resource, requester: Resource, **elements: Any) -> Resource:
    """An active order for lisinopril by mouth."""
    made = builders.medication_request(
        ids.new_id(),
        subject=reference_to(patient),
        medication=builders.concept(codes.rxnorm("29046", "lisinopril")),
        authored_on="2026-03-10",
        requester=reference_to(requester),
    )
    return _with(made, elements)


def immunization(patient: Resource, **elements: Any) -> Resource:
    """A completed influenza vaccination."""
    made = builders.immunization(
        ids.new_id(), patient=reference_to(patient), vaccine=codes.FLU_SHOT, occurrence="2025-10-01"
    )
    return _with(made, elements)


def procedure(patient: Resource, **elements: Any) -> Resource:
    """A completed echocardiography."""
    made = builders.procedure(
        ids.new_id(), subject=reference_to(patient), code=codes.ECHOCARDIOGRAPHY, performed="2026-03-11T10:00:00Z"
    )
    return _with(made, elements)


def document_reference(patient: Resource, author: Resource, **elements: Any) -> Resource:
    """A final progress note."""
    made = builders.note(
        ids.new_id(),
        subject=reference_to(patient),
        code=codes.PROGRESS_NOTE,
        date="2026-03-14T09:00:00Z",
        author=reference_to(author),
        words="Better.",
    )
    return _with(made, elements)


def put(*resources: Resource) -> None:
    """Stores these under their own ids in one transaction, in any order. Raises what a client would be told."""
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    run_transaction(actor=operator("tests"), entries=read_entries({"entry": entries}), patch=_no_patch)


def _no_patch(entry: Entry) -> Any:
    raise AssertionError(f"{entry.path} is a PUT")


def _with(made: Resource, elements: dict[str, Any]) -> Resource:
    changed = made | {name.rstrip("_"): value for name, value in elements.items()}
    return {name: value for name, value in changed.items() if value is not None}

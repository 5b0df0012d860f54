from collections.abc import Mapping
from typing import Any

from ehr.fhir.elements import (
    NOTHING,
    Coded,
    Element,
    boolean,
    coded,
    codes,
    element,
    elements,
    moment,
    quantity,
    resolved,
    target,
    text,
)
from ehr.record.projections import dosage
from ehr.record.projections.systems import RXNORM


def project_medication_request(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of record.MedicationRequest: the first dosage instruction, and all instructions' text."""
    instructions = elements(resource.get("dosageInstruction"))
    first = instructions[0] if instructions else NOTHING
    dose = quantity(dosage.dose_and_rate(first).get("doseQuantity"))
    return {
        "patient_id": target(resource.get("subject"), keys, "Patient"),
        "encounter_id": target(resource.get("encounter"), keys, "Encounter"),
        "status": text(resource.get("status")),
        "status_reason": coded(resource.get("statusReason")).display,
        "intent": text(resource.get("intent")),
        "category": codes(resource.get("category")),
        "reported": resource.get("reportedBoolean") is True or bool(element(resource.get("reportedReference"))),
        **_medication(resource).columns(),
        "dose": dosage.dose_words(first),
        "dose_number": dose.value,
        "dose_unit": dose.unit,
        "route": coded(first.get("route")).display,
        "timing": dosage.timing_words(element(first.get("timing"))),
        "as_needed": boolean(first.get("asNeededBoolean")) is True or "asNeededCodeableConcept" in first,
        "dosage_text": "; ".join(filter(None, (text(i.get("text")).strip() for i in instructions))),
        "requester_display": text(element(resource.get("requester")).get("display")),
        **moment(resource.get("authoredOn")).columns("authored_on"),
    }


def _medication(resource: Element) -> Coded:
    """The medication as coded here or in a contained Medication, else the words of the reference to it."""
    if concept := element(resource.get("medicationCodeableConcept")):
        return coded(concept, RXNORM)
    reference = element(resource.get("medicationReference"))
    if contained := resolved(reference, resource):
        return coded(contained.get("code"), RXNORM)
    return Coded(display=text(reference.get("display")))

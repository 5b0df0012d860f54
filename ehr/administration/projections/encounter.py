from collections.abc import Mapping
from typing import Any

from ehr.administration.projections.identities import display
from ehr.fhir.elements import (
    NOTHING,
    Element,
    coded,
    coding,
    element,
    elements,
    has_coding,
    period_columns,
    target,
    text,
)

PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"


def project_encounter(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of administration.Encounter."""
    place = element(_current(resource.get("location")).get("location"))
    attending = element(_attending(resource.get("participant")).get("individual"))
    return {
        "fhir_id": text(resource.get("id")),
        "status": text(resource.get("status")),
        "class_code": coding(resource.get("class")).code,
        **coded(next(iter(elements(resource.get("type"))), None)).columns_of("type"),
        "patient_id": target(resource.get("subject"), keys, "Patient"),
        **period_columns(resource.get("period")),
        "reason_text": _reason(resource),
        "service_provider_id": target(resource.get("serviceProvider"), keys, "Organization"),
        "location_id": target(place, keys, "Location"),
        "location_display": display(place),
        "attending_id": target(attending, keys, "Practitioner"),
        "attending_display": display(attending),
    }


def _current(places: Any) -> Element:
    """Where the patient is: the active location, else the last that is or was used."""
    used = [place for place in elements(places) if place.get("status") not in ("planned", "reserved")]
    active = [place for place in used if place.get("status") == "active"]
    return (active or used or [NOTHING])[-1]


def _attending(participants: Any) -> Element:
    """The attending practitioner, else the primary performer, else whoever is named first."""
    named = [participant for participant in elements(participants) if element(participant.get("individual"))]
    for role in ("ATND", "PPRF"):
        for participant in named:
            if any(has_coding(kind, PARTICIPATION, role) for kind in elements(participant.get("type"))):
                return participant
    return named[0] if named else NOTHING


def _reason(resource: Element) -> str:
    reasons = [coded(reason).display for reason in elements(resource.get("reasonCode"))]
    problems = [display(reference) for reference in elements(resource.get("reasonReference"))]
    return ", ".join(filter(None, reasons)) or ", ".join(filter(None, problems))

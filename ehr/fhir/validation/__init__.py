"""Validation against FHIR R4 and claimed profiles: structure, primitives, required bindings, invariants."""

from typing import Any

from ehr.fhir.validation.acceptance import accepts
from ehr.fhir.validation.issues import Fault
from ehr.fhir.validation.profiles import known_profiles, profile_faults
from ehr.fhir.validation.walk import MAX_FAULTS, Walk

__all__ = ["Fault", "known_profiles", "validate"]


def validate(resource: dict[str, Any], *, warnings: bool = False) -> list[Fault]:
    """Everything that is wrong with a decoded resource, in the order found, at most 100; empty when it is valid.

    A resource that obeys FHIR R4 is then held against the profiles it claims.
    `warnings` adds what FHIR only recommends,
    and as information what was claimed and could not be checked.
    """
    if not warnings and accepts(resource):
        return profile_faults(resource)[:MAX_FAULTS]
    walk = Walk(warnings=warnings)
    walk.resource(resource, None)
    if any(fault.severity == "error" for fault in walk.faults):
        return walk.faults
    return [*walk.faults, *profile_faults(resource, warnings=warnings)][:MAX_FAULTS]

"""Validation of resources against FHIR R4: structure, primitives, required bindings, invariants."""

from typing import Any

from ehr.fhir.validation.issues import Fault
from ehr.fhir.validation.walk import Walk

__all__ = ["Fault", "validate"]


def validate(resource: dict[str, Any], *, warnings: bool = False) -> list[Fault]:
    """Everything that is wrong with a decoded resource, in the order found, at most 100; empty when it is valid.

    `warnings` adds what FHIR only recommends.
    """
    walk = Walk(warnings=warnings)
    walk.resource(resource, None)
    return walk.faults

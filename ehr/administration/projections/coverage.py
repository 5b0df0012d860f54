from collections.abc import Mapping
from typing import Any

from ehr.administration.projections.identities import display
from ehr.fhir.elements import (
    NOTHING,
    Element,
    coded,
    elements,
    has_coding,
    integer,
    period_columns,
    target,
    text,
)

COVERAGE_CLASS = "http://terminology.hl7.org/CodeSystem/coverage-class"


def project_coverage(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of administration.Coverage: the first payor, and the plan's name or else its number."""
    payors = elements(resource.get("payor"))
    payor = payors[0] if payors else NOTHING
    return {
        "status": text(resource.get("status")),
        "beneficiary_id": target(resource.get("beneficiary"), keys, "Patient"),
        "payor_id": target(payor, keys, "Organization"),
        "payor_display": display(payor),
        **coded(resource.get("type")).columns_of("type"),
        "subscriber_id": text(resource.get("subscriberId")),
        "plan_name": _plan(resource.get("class")),
        "position": integer(resource.get("order")),
        **period_columns(resource.get("period")),
    }


def _plan(classes: Any) -> str:
    for kind in ("plan", "group"):
        for found in elements(classes):
            if has_coding(found.get("type"), COVERAGE_CLASS, kind):
                return text(found.get("name")) or text(found.get("value"))
    return ""

from collections.abc import Mapping
from typing import Any

from ehr.fhir.elements import Element, coded, elements, target, text

PHYSICAL_TYPE = "http://terminology.hl7.org/CodeSystem/location-physical-type"


def project_location(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of administration.Location."""
    return {
        "fhir_id": text(resource.get("id")),
        "status": text(resource.get("status")),
        "name": text(resource.get("name")),
        **coded(next(iter(elements(resource.get("type"))), None)).columns_of("type"),
        "physical_type": coded(resource.get("physicalType"), PHYSICAL_TYPE).code,
        "part_of_id": target(resource.get("partOf"), keys, "Location"),
        "managing_organization_id": target(resource.get("managingOrganization"), keys, "Organization"),
    }

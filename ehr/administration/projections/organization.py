from collections.abc import Mapping
from typing import Any

from ehr.administration.projections import identities
from ehr.fhir.elements import Element, coded, elements, target, text


def project_organization(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of administration.Organization."""
    return {
        "fhir_id": text(resource.get("id")),
        "active": identities.active(resource),
        "name": text(resource.get("name")),
        **coded(next(iter(elements(resource.get("type"))), None)).columns_of("type"),
        "npi": identities.identifier_of_system(resource.get("identifier"), identities.NPI),
        "part_of_id": target(resource.get("partOf"), keys, "Organization"),
    }

from collections.abc import Mapping
from typing import Any

from ehr.administration.projections import identities
from ehr.fhir.elements import Element, coded, elements, period_columns, target, text


def project_practitioner(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:  # noqa: ARG001 - refers to nobody here
    """The columns of administration.Practitioner."""
    name = identities.best_name(resource.get("name"))
    return {
        "fhir_id": text(resource.get("id")),
        "active": identities.active(resource),
        "name": name.signed,
        "family": name.family,
        "given": name.given,
        "npi": identities.identifier_of_system(resource.get("identifier"), identities.NPI),
    }


def project_practitioner_role(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of administration.PractitionerRole: the first role and the first specialty."""
    role = coded(next(iter(elements(resource.get("code"))), None))
    specialty = coded(next(iter(elements(resource.get("specialty"))), None))
    return {
        "active": identities.active(resource),
        "practitioner_id": target(resource.get("practitioner"), keys, "Practitioner"),
        "organization_id": target(resource.get("organization"), keys, "Organization"),
        "code": role.code,
        "display": role.display,
        **specialty.columns_of("specialty"),
        **period_columns(resource.get("period")),
    }

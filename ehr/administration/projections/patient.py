from collections.abc import Mapping
from typing import Any

from ehr.administration.projections import identities
from ehr.fhir.elements import Element, moment, text


def project_patient(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:  # noqa: ARG001 - a patient refers to nobody here
    """The columns of administration.Patient."""
    name = identities.best_name(resource.get("name"))
    phone = identities.phone(resource.get("telecom"))
    death = moment(resource.get("deceasedDateTime"))
    return {
        "fhir_id": text(resource.get("id")),
        "active": identities.active(resource),
        "name": name.listed,
        "family": name.family,
        "given": name.given,
        "prefix": name.prefix,
        "preferred_name": identities.nickname(resource.get("name"), name),
        **moment(resource.get("birthDate")).columns("birth_date"),
        "gender": text(resource.get("gender")),
        "deceased": resource.get("deceasedBoolean") is True or bool(death.text),
        **death.columns("deceased_date"),
        "mrn": identities.medical_record_number(resource.get("identifier")),
        "phone": phone,
        "phone_digits": identities.digits(phone),
        "address": identities.address(resource.get("address")),
        "search_text": identities.search_text(resource),
    }

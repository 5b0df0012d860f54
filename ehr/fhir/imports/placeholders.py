"""Stand-ins for what an import refers to by identifier and nobody has sent (docs/adr/0006-import-placeholders.md)."""

from typing import Any
from urllib.parse import unquote

TYPES = (
    "Organization",
    "Location",
    "Practitioner",
)  # administrative, and valid with an identifier alone: never a patient
TAG = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "placeholder: only the identifier is known",
}


def placeholder(reference: str) -> dict[str, Any] | None:
    """A resource with the identifier that a conditional reference names, None when it cannot stand in for it.

    ``Location?identifier=system|value`` gives a Location with that identifier.
    """
    type_, _, condition = reference.partition("?")
    name, _, token = condition.partition("=")
    system, bar, value = token.partition("|")
    if (
        type_ not in TYPES
        or name != "identifier"
        or not bar
        or not system
        or not value
        or "&" in condition
        or "," in token
    ):
        return None
    return {
        "resourceType": type_,
        "meta": {"tag": [dict(TAG)]},
        "identifier": [{"system": unquote(system), "value": unquote(value)}],
    }

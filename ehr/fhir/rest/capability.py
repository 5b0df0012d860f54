"""The CapabilityStatement: generated from what is registered, and nothing more."""

import functools
from typing import Any

from ehr.fhir.definitions import resource_types
from ehr.fhir.definitions.profiles import profiles
from ehr.fhir.registry import owners
from ehr.fhir.search.capability import common_parameters, includes, reverse_includes, search_parameters
from ehr.lib import clock

TYPE_PARAMETER = {
    "name": "_type",
    "type": "special",
    "documentation": "The types searched, in a search of the whole system; without it all that the client may search.",
}
INTERACTIONS = (
    "read",
    "vread",
    "update",
    "patch",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
)
OF_THE_SYSTEM = ("transaction", "batch", "search-system", "history-system")
SOFTWARE = {"name": "Meridian", "version": "0.1.0"}


def capability_statement(base: str) -> dict[str, Any]:
    """FHIR R4 CapabilityStatement of the server at `base`."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _published(),
        "kind": "instance",
        "software": SOFTWARE,
        "implementation": {"description": "Meridian EHR, FHIR R4 record store", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "patchFormat": ["application/fhir+json", "application/json-patch+json", "application/merge-patch+json"],
        "rest": [
            {
                "mode": "server",
                "security": _security(base),
                "resource": [dict(resource) for resource in _resources()],
                "interaction": [{"code": code} for code in OF_THE_SYSTEM],
                "searchParam": [TYPE_PARAMETER, *common_parameters()],
            }
        ],
    }


@functools.cache
def _published() -> str:
    return clock.fhir_instant(clock.now())


def _security(base: str) -> dict[str, Any]:
    root = base.removesuffix("/fhir/R4")
    return {
        "cors": False,
        "service": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                        "code": "SMART-on-FHIR",
                    }
                ]
            }
        ],
        "extension": [
            {
                "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                "extension": [{"url": "token", "valueUri": f"{root}/oauth/token"}],
            }
        ],
    }


@functools.cache
def _resources() -> tuple[dict[str, Any], ...]:
    return tuple(_resource(type_) for type_ in sorted(resource_types()))


def _resource(type_: str) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "type": type_,
        "supportedProfile": _checked_profiles().get(type_, []),
        "interaction": [{"code": code} for code in INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "logical", "enforced"],
        "searchInclude": includes(type_),
        "searchRevInclude": reverse_includes(type_),
        "searchParam": search_parameters(type_),
        "operation": _operations(type_),
    }
    if type_ in owners:
        resource["documentation"] = "Owned: kept with typed columns beside the JSON."
    return {name: value for name, value in resource.items() if value != []}


@functools.cache
def _checked_profiles() -> dict[str, list[str]]:
    """The profiles that a resource which claims them is held against, by type, each with its version."""
    by_type: dict[str, list[str]] = {}
    for url, profile in sorted(profiles().profiles.items()):
        by_type.setdefault(profile.type, []).append(f"{url}|{profile.version}")
    return by_type


def _operations(type_: str) -> list[dict[str, str]]:
    operations = [_operation("validate", "Resource-validate", "Takes a resource, alone or with a profile.")]
    if type_ == "Patient":
        documentation = "Of one patient. Takes _since, _type and _count."
        operations.append(_operation("everything", "Patient-everything", documentation))
    return operations


def _operation(name: str, definition: str, documentation: str) -> dict[str, str]:
    url = f"http://hl7.org/fhir/OperationDefinition/{definition}"
    return {"name": name, "definition": url, "documentation": documentation}

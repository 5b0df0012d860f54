"""What the CapabilityStatement says of searching: exactly what `parse` accepts."""

from collections.abc import Mapping
from functools import cache

from ehr.fhir.definitions import resource_types
from ehr.fhir.search.criteria import modifiers_of
from ehr.fhir.search.parameters import Parameter, parameters_of


@cache
def search_parameters(type_: str) -> list[dict[str, str]]:
    """CapabilityStatement.rest.resource.searchParam of a type."""
    found = sorted(parameters_of(type_).values(), key=lambda parameter: parameter.code)
    return [
        {"name": one.code, "definition": one.url, "type": one.kind, "documentation": _documentation(one)}
        for one in found
    ]


@cache
def common_parameters() -> list[dict[str, str]]:
    """CapabilityStatement.rest.searchParam: what every type has and a search of all types may ask for."""
    codes = set.intersection(*(set(parameters_of(type_)) for type_ in resource_types()))
    return [parameter for parameter in search_parameters("Basic") if parameter["name"] in codes]


def _documentation(parameter: Parameter) -> str:
    """The modifiers; a reference takes the name of each type that it may refer to beside those listed."""
    listed = sorted(modifiers_of(parameter) - parameter.targets)
    modifiers = ", ".join(f":{name}" for name in (*listed, *(["[type]"] if parameter.targets else [])))
    return f"Modifiers: {modifiers}."


@cache
def includes(type_: str) -> list[str]:
    """CapabilityStatement.rest.resource.searchInclude of a type: what _include may name."""
    return [f"{type_}:*", *(f"{type_}:{code}" for code in _links().get(type_, ()))]


@cache
def reverse_includes(type_: str) -> list[str]:
    """CapabilityStatement.rest.resource.searchRevInclude of a type: what _revinclude may name."""
    return [
        f"{source}:{code}"
        for source, codes in sorted(_links().items())
        for code in codes
        if type_ in parameters_of(source)[code].targets
    ]


@cache
def _links() -> Mapping[str, list[str]]:
    """The reference parameters of each type."""
    return {
        type_: sorted(code for code, one in parameters_of(type_).items() if one.kind == "reference")
        for type_ in resource_types()
    }

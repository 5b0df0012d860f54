"""FHIR R4's own definitions: a build artefact of `manage compile_definitions`, loaded once a process."""

import functools

from ehr.fhir.definitions.artefact import load
from ehr.fhir.definitions.structures import Definitions, Element, TypeDefinition

__all__ = ["definitions", "element_by_json_name", "resource_types", "type_definition"]


@functools.cache
def definitions() -> Definitions:
    """The compiled definitions. Raises DefinitionsMissing when they were not built."""
    return load()


@functools.cache
def resource_types() -> frozenset[str]:
    """Names of all concrete R4 resource types."""
    return frozenset(name for name, type_ in definitions().types.items() if type_.kind == "resource")


def type_definition(name: str) -> TypeDefinition | None:
    """The resource, datatype or backbone element of this name."""
    return definitions().types.get(name)


@functools.cache
def element_by_json_name(type_name: str) -> dict[str, tuple[Element, str]]:
    """The elements of a type by their names in JSON (``valueQuantity``), each with the FHIR type of that name."""
    type_ = definitions().types.get(type_name)
    if type_ is None:
        return {}
    return {name: (element, kind) for element in type_.elements for name, kind in element.types.items()}

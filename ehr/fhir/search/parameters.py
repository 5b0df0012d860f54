"""Which search parameters each resource type has: those of FHIR R4 and US Core that the index can answer, no others."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from ehr.fhir.definitions import definitions, resource_types
from ehr.fhir.definitions.structures import SearchParameter
from ehr.fhir.search.paths import NotPlain, Place, places
from ehr.fhir.search.query import IndexTable
from ehr.fhir.search.strings import folded, sounds

Kind = Literal["token", "string", "reference", "uri", "date", "number", "quantity", "composite"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TABLES: Mapping[Kind, IndexTable] = {
    "string": "fhir_string_index",
    "date": "fhir_date_index",
    "number": "fhir_quantity_index",
    "quantity": "fhir_quantity_index",
}
COMMON_BASES = ("Resource", "DomainResource")
# They are references to a resource that stands within the Bundle itself: there is nothing outside to find it by.
UNANSWERABLE = frozenset({"Bundle.composition", "Bundle.message"})
# R4 gives the halves of this one in the wrong order: its expressions are `code` and `target`.
SWAPPED = frozenset({"DocumentReference.relationship"})


@dataclass(frozen=True, slots=True)
class Component:
    """One half of a composite: the parameter whose values it takes, where they are within the composite's own place."""

    code: str
    kind: Kind
    expression: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of one resource type.

    `places` are where its values stand; for a composite, where the objects stand that hold both halves. `expressions`
    are the parts of its FHIRPath that name no places.
    """

    base: str
    code: str
    kind: Kind
    url: str
    places: tuple[Place, ...]
    expressions: tuple[str, ...] = ()
    targets: frozenset[str] = frozenset()
    components: tuple[Component, ...] = ()

    @property
    def table(self) -> IndexTable | None:
        """The index table that holds its values, None where they are terms."""
        return TABLES.get(self.components[1].kind if self.components else self.kind)

    @property
    def identifies(self) -> bool:
        """True for Identifiers, whose values are compared with case (FHIR R4 datatypes.html#Identifier)."""
        return self.kind == "token" and any(place.kind == "Identifier" for place in self.places)

    @property
    def has_hierarchy(self) -> bool:
        """True for URLs that are indexed with all above them; those of `meta` would cost every resource a lot."""
        return self.kind == "uri" and not self.code.startswith("_")

    @property
    def spell(self) -> Callable[[str], str]:
        """How its strings are spelled in the index."""
        return sounds if self.code == "phonetic" else folded


@cache
def parameters_of(type_: str) -> Mapping[str, Parameter]:
    """The parameters of a resource type by their code; empty for what is no resource type."""
    if type_ not in resource_types():
        return {}
    found = (
        _of(type_, definition)
        for definition in definitions().search_parameters
        if type_ in definition.bases or any(base in COMMON_BASES for base in definition.bases)
    )
    return {parameter.code: parameter for parameter in found if parameter is not None}


def parameter(type_: str, code: str) -> Parameter | None:
    """The parameter `code` of a resource type."""
    return parameters_of(type_).get(code)


def _of(type_: str, definition: SearchParameter) -> Parameter | None:
    if definition.type not in KINDS or f"{type_}.{definition.code}" in UNANSWERABLE:
        return None
    kind = definition.type
    found: list[Place] = []
    expressions: list[str] = []
    for branch in _branches(type_, definition.expression):
        try:
            found += places(type_, branch)
        except NotPlain:
            expressions.append(branch)
    components = tuple(_components(type_, definition))
    if not (found or expressions) or (kind == "composite" and len(components) != 2):
        return None
    targets = frozenset(definition.targets) & resource_types()
    return Parameter(
        type_, definition.code, kind, definition.url, tuple(found), tuple(expressions), targets, components
    )


def _branches(type_: str, expression: str) -> Iterator[str]:
    """The parts of a union that begin at this type, at what all types have in common, or at no type."""
    for part in expression.split("|"):
        branch = part.strip()
        root = re.match(r"\(?([A-Za-z]+)", branch)
        if root and (root.group(1) in (type_, *COMMON_BASES) or not root.group(1)[0].isupper()):
            yield branch


def _components(type_: str, definition: SearchParameter) -> Iterator[Component]:
    used = [_by_url()[component.definition] for component in definition.components]
    if f"{type_}.{definition.code}" in SWAPPED:
        used.reverse()
    for component, other in zip(definition.components, used, strict=True):
        yield Component(other.code, cast("Kind", other.type), component.expression)


@cache
def _by_url() -> Mapping[str, SearchParameter]:
    return {definition.url: definition for definition in definitions().search_parameters}

"""The compiled form of the FHIR R4 definitions: frozen, and read back from msgpack in milliseconds."""

from typing import Literal

import msgspec

TypeKind = Literal["primitive", "complex", "resource"]


class Invariant(msgspec.Struct, frozen=True, array_like=True):
    """A FHIRPath rule of an ElementDefinition (`ElementDefinition.constraint`)."""

    key: str
    severity: Literal["error", "warning"]
    human: str
    expression: str


class TypeChoice(msgspec.Struct, frozen=True, array_like=True):
    """One type that an element may have.

    `code` is a FHIR type ("Quantity") or, for an inline or referenced structure, the path that defines it
    ("Observation.component"). `targets` are the resource types a Reference may point to; empty means any.
    `profiles` are the canonical URLs that the value itself must meet.
    """

    code: str
    targets: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()


class Element(msgspec.Struct, frozen=True, array_like=True):
    """One child of a type. `max` None is unbounded; `name` has no "[x]"; `binding` is the URL of a required value set."""

    name: str
    min: int
    max: int | None
    types: tuple[TypeChoice, ...]
    choice: bool = False
    binding: str | None = None
    invariants: tuple[Invariant, ...] = ()
    summary: bool = False
    modifier: bool = False

    @property
    def repeats(self) -> bool:
        """Whether JSON writes the element as an array."""
        return self.max is None or self.max > 1

    def json_names(self) -> tuple[tuple[str, TypeChoice], ...]:
        """The property names the element may take in JSON, each with the type it stands for."""
        if not self.choice:
            return ((self.name, self.types[0]),)
        return tuple((self.name + choice.code[0].upper() + choice.code[1:], choice) for choice in self.types)


class StructureType(msgspec.Struct, frozen=True, array_like=True):
    """A FHIR type, or an inline structure named by its path ("Observation.component", base "BackboneElement")."""

    name: str
    kind: TypeKind
    base: str | None
    abstract: bool
    elements: tuple[Element, ...]
    invariants: tuple[Invariant, ...] = ()


class ValueSetCodes(msgspec.Struct, frozen=True, array_like=True):
    """The codes of a value set that the definitions enumerate completely, by code system."""

    url: str
    version: str | None
    systems: dict[str, frozenset[str]]

    def has_code(self, code: str) -> bool:
        """Whether `code` belongs to the set whatever its system, as for an element of type code."""
        return any(code in codes for codes in self.systems.values())

    def has_coding(self, system: str | None, code: str) -> bool:
        """Whether the set holds `code` of `system`."""
        return system is not None and code in self.systems.get(system, ())


class SearchComponent(msgspec.Struct, frozen=True, array_like=True):
    """A part of a composite parameter: the URL of its definition and where it is, relative to the composite's result."""

    definition: str
    expression: str


class SearchParameter(msgspec.Struct, frozen=True, array_like=True):
    """A SearchParameter. `expression` is None where FHIR defines the parameter by words only (`_text`, `_content`, `_query`)."""

    url: str
    code: str
    type: str
    base: tuple[str, ...]
    expression: str | None
    target: tuple[str, ...] = ()
    components: tuple[SearchComponent, ...] = ()
    comparators: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    description: str = ""


class Discriminator(msgspec.Struct, frozen=True, array_like=True):
    """How a slice is told apart (`ElementDefinition.slicing.discriminator`)."""

    type: str
    path: str


class Slicing(msgspec.Struct, frozen=True, array_like=True):
    """The slicing that an element opens."""

    discriminators: tuple[Discriminator, ...]
    rules: Literal["open", "closed", "openAtEnd"]


class ProfileElement(msgspec.Struct, frozen=True, array_like=True):
    """An element of a profile's snapshot that says more than its base type.

    `id` is the ElementDefinition id ("Observation.component:systolic.code"). `fixed` and `pattern` hold the JSON text
    of the value, so that number literals stay as they are.
    """

    id: str
    min: int
    max: int | None
    types: tuple[TypeChoice, ...]
    slicing: Slicing | None = None
    fixed: msgspec.Raw | None = None
    pattern: msgspec.Raw | None = None
    binding: str | None = None
    invariants: tuple[Invariant, ...] = ()


class Profile(msgspec.Struct, frozen=True, array_like=True):
    """A StructureDefinition that constrains a type: FHIR R4's own profiles and extensions, and US Core's."""

    url: str
    version: str
    type: str
    base: str
    elements: tuple[ProfileElement, ...]


class Compartment(msgspec.Struct, frozen=True, array_like=True):
    """Which parameters put a resource in a compartment: resource type -> codes of search parameters."""

    url: str
    parameters: dict[str, tuple[str, ...]]

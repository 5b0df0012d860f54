"""What compiled FHIR definitions are made of: plain, frozen, quick to load."""

import msgspec


class Invariant(msgspec.Struct, frozen=True, array_like=True):
    """A constraint of an ElementDefinition; `expression` is FHIRPath, `severity` error or warning."""

    key: str
    severity: str
    human: str
    expression: str


class Element(msgspec.Struct, frozen=True, array_like=True):
    """One element of a type. `types` maps each JSON name to its FHIR type: one entry, or one per type of a choice.

    `maximum` is None for ``*``. `binding` is the canonical of a required value set. `targets` are the types that a
    Reference may name, empty for any.
    """

    name: str
    types: dict[str, str]
    minimum: int
    maximum: int | None
    binding: str | None
    targets: tuple[str, ...]
    invariants: tuple[Invariant, ...]
    summary: bool

    @property
    def many(self) -> bool:
        """True when the JSON value is an array."""
        return self.maximum != 1


class TypeDefinition(msgspec.Struct, frozen=True, array_like=True):
    """A resource, datatype or backbone element (named by its path, ``Patient.contact``)."""

    name: str
    kind: str
    base: str
    elements: tuple[Element, ...]
    invariants: tuple[Invariant, ...]


class SearchComponent(msgspec.Struct, frozen=True, array_like=True):
    """One half of a composite parameter: the canonical of the parameter it uses, and where to look."""

    definition: str
    expression: str


class SearchParameter(msgspec.Struct, frozen=True, array_like=True):
    """A FHIR SearchParameter; `expression` holds the parts for all its base types, joined by ``|``."""

    url: str
    code: str
    type: str
    bases: tuple[str, ...]
    expression: str
    targets: tuple[str, ...]
    components: tuple[SearchComponent, ...]


class ValueSet(msgspec.Struct, frozen=True, array_like=True):
    """The codes of a required binding: system -> codes.

    `complete` is False when it cannot be enumerated (BCP 47, MIME).
    """

    url: str
    codes: dict[str, frozenset[str]]
    complete: bool


class Definitions(msgspec.Struct, frozen=True, array_like=True):
    """Everything that is loaded at once. Value sets by canonical, types by name."""

    types: dict[str, TypeDefinition]
    search_parameters: tuple[SearchParameter, ...]
    value_sets: dict[str, ValueSet]
    patient_compartment: dict[str, tuple[str, ...]]

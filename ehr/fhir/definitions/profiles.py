"""Profiles: what a StructureDefinition asks beyond its base type (FHIR R4 profiling.html), compiled and frozen."""

import functools
from pathlib import Path
from typing import Any

import msgspec

from ehr.fhir.definitions import artefact
from ehr.fhir.definitions.structures import Invariant, ValueSet

PROFILES_FILE: Path = artefact.FILE.with_name("profiles.msgpack")
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"


class Constraint(msgspec.Struct, frozen=True, array_like=True, eq=False):
    """What a profile asks of one element, "" for the profiled type itself, and of the elements within.

    `minimum` and `maximum` count the element in one parent; `maximum` None is unbounded. Empty `types` leave the choice
    as the base has it, empty `targets` let a Reference point to any type. The value must meet one of `profiles` when
    there are any. `fixed` and `pattern` are JSON values, None for absent; `binding` is a required value set.
    """

    name: str
    minimum: int
    maximum: int | None
    types: tuple[str, ...]
    targets: tuple[str, ...]
    profiles: tuple[str, ...]
    fixed: Any
    pattern: Any
    binding: str | None
    invariants: tuple[Invariant, ...]
    slicing: "Slicing | None"
    children: tuple["Constraint", ...]

    def child(self, name: str) -> "Constraint | None":
        """What is asked of the element `name`."""
        return next((child for child in self.children if child.name == name), None)


class Slicing(msgspec.Struct, frozen=True, array_like=True, eq=False):
    """How repetitions of an element fall into slices: (type, path) of each discriminator, and the slices by name."""

    discriminators: tuple[tuple[str, str], ...]
    closed: bool
    slices: tuple[tuple[str, Constraint], ...]


class Profile(msgspec.Struct, frozen=True, array_like=True):
    """A compiled profile. `ancestors` are the canonicals of the profiles that it is derived from, nearest first."""

    url: str
    version: str
    type: str
    ancestors: tuple[str, ...]
    root: Constraint

    @property
    def label(self) -> str:
        """Short name and version, for messages: ``us-core-patient|5.0.1``."""
        return f"{self.url.rpartition('/')[2]}|{self.version}"


class Profiles(msgspec.Struct, frozen=True, array_like=True):
    """All compiled profiles by canonical, and the value sets that only they bind to."""

    profiles: dict[str, Profile]
    value_sets: dict[str, ValueSet]


@functools.cache
def profiles() -> Profiles:
    """The compiled profiles. Raises DefinitionsMissing when they were not built."""
    return artefact.read(PROFILES_FILE, Profiles)


def save_profiles(compiled: Profiles) -> None:
    """Writes the artefact, whole or not at all."""
    artefact.write(PROFILES_FILE, compiled)

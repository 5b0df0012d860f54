"""Which slice of a profile a repetition of an element belongs to (FHIR R4 profiling.html#slicing), worked out once."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ehr.fhir.definitions import definitions
from ehr.fhir.definitions.profiles import Constraint, Slicing, profiles
from ehr.fhir.definitions.structures import ValueSet
from ehr.fhir.fhirpath import Scope, compiled
from ehr.fhir.fhirpath.values import Node

Test = Callable[[Node], bool]


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice, and the tests that a repetition passes when it belongs there."""

    name: str
    constraint: Constraint
    tests: tuple[Test, ...]

    def holds(self, node: Node) -> bool:
        """Whether the repetition is of this slice: every discriminator says so."""
        return all(test(node) for test in self.tests)


@functools.cache
def slices_of(slicing: Slicing) -> tuple[Slice, ...] | None:
    """The slices; None when a resource alone does not tell them apart: ``resolve()``, or an unknown value set."""
    found = []
    for name, constraint in slicing.slices:
        tests = [_test(constraint, kind, path) for kind, path in slicing.discriminators]
        known = tuple(test for test in tests if test is not None)
        if not tests or len(known) < len(tests):
            return None
        found.append(Slice(name, constraint, known))
    return tuple(found)


def meets(content: Any, constraint: Constraint) -> bool:
    """Whether a value has the fixed value or the pattern of a constraint, if there is one."""
    if constraint.fixed is not None and content != constraint.fixed:
        return False
    return constraint.pattern is None or _matches(content, constraint.pattern)


def value_set(url: str) -> ValueSet | None:
    """A value set that can be enumerated; None for any other."""
    found = definitions().value_sets.get(url) or profiles().value_sets.get(url)
    return found if found is not None and found.complete else None


def is_bound(content: Any, kind: str, codes: ValueSet) -> bool:
    """Whether a code, Coding, CodeableConcept or Quantity has a code of the value set."""
    if kind == "code":
        return any(content in members for members in codes.codes.values())
    return any(one.get("code") in codes.codes.get(one.get("system", ""), ()) for one in _codings(content, kind))


def _codings(content: dict[str, Any], kind: str) -> Iterable[dict[str, Any]]:
    return content.get("coding", ()) if kind == "CodeableConcept" else (content,)


def _matches(content: Any, pattern: Any) -> bool:
    """Whether `content` has everything that `pattern` has (ElementDefinition.pattern[x])."""
    if isinstance(pattern, dict):
        return isinstance(content, dict) and all(_matches(content.get(name), value) for name, value in pattern.items())
    if isinstance(pattern, list):
        return isinstance(content, list) and all(any(_matches(item, wanted) for item in content) for wanted in pattern)
    return bool(content == pattern)


def _test(constraint: Constraint, kind: str, path: str) -> Test | None:
    if kind == "type" and path == "$this" and constraint.types:
        return lambda node: node[1] in constraint.types
    if kind not in ("value", "pattern"):
        return None
    if path == "url" and constraint.profiles:
        return lambda node: node[0].get("url") == constraint.profiles[0]
    wanted = _expectations(constraint, path)
    if not wanted:
        return None
    evaluate = compiled(path)
    return lambda node: any(_fits(found, one) for found in evaluate(Scope(node, node), (node,)) for one in wanted)


def _expectations(constraint: Constraint, path: str) -> list[Constraint]:
    """What a slice asks of the element that tells it apart, a constraint that names a value each."""
    level = [constraint]
    for step in () if path == "$this" else path.split("."):
        level = [child for one in level if (child := one.child(step)) is not None]
        level += [inner for one in level if one.slicing for _, inner in one.slicing.slices]
    return [one for one in level if one.fixed is not None or one.pattern is not None or _enumerates(one.binding)]


def _enumerates(binding: str | None) -> bool:
    return binding is not None and value_set(binding) is not None


def _fits(node: Node, wanted: Constraint) -> bool:
    codes = value_set(wanted.binding) if wanted.binding is not None else None
    return meets(node[0], wanted) and (codes is None or is_bound(node[0], node[1], codes))

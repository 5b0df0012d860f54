"""What is to be checked of each type, worked out once from its definition."""

import functools
from dataclasses import dataclass
from typing import Any

from ehr.fhir.definitions import definitions, type_definition
from ehr.fhir.definitions.structures import Element, Invariant
from ehr.fhir.fhirpath import Condition, Scope, condition, narrative
from ehr.fhir.validation.primitives import BOUND_CHECKS, CHECKS, Check, both

STRUCTURAL = frozenset({"ele-1", "ext-1", "dom-3", "ref-1"})  # checked while walking, without FHIRPath
IF_CONTAINED = frozenset({"dom-2", "dom-4", "dom-5"})  # say nothing of a resource that contains none


@dataclass(frozen=True, slots=True)
class Rule:
    """An invariant, compiled."""

    key: str
    severity: str
    human: str
    holds: Condition


@dataclass(frozen=True, slots=True)
class Member:
    """One JSON name of a type. `check` is set for primitives; `codes` for required bindings: system -> codes."""

    name: str
    kind: str
    many: bool
    maximum: int | None
    choice: str | None
    check: Check | None
    codes: dict[str, frozenset[str]] | None
    flat_codes: frozenset[str]
    targets: frozenset[str]
    rules: tuple[Rule, ...]
    is_resource: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How a type is walked. `required` has for an element that must be there the JSON names it may have."""

    kind: str
    members: dict[str, Member]
    required: tuple[tuple[str, tuple[str, ...]], ...]
    rules: tuple[Rule, ...]
    contained_rules: tuple[Rule, ...]


@functools.cache
def plan(kind: str) -> Plan:
    """The plan of a type. Raises KeyError for a type that FHIR R4 does not define."""
    definition = type_definition(kind)
    if definition is None:
        raise KeyError(kind)
    rules = _rules(definition.invariants, kind)
    return Plan(
        kind=kind,
        members={
            name: _member(element, name, child)
            for element in definition.elements
            for name, child in element.types.items()
        },
        required=tuple((element.name, tuple(element.types)) for element in definition.elements if element.minimum > 0),
        rules=tuple(rule for rule in rules if rule.key not in IF_CONTAINED),
        contained_rules=tuple(rule for rule in rules if rule.key in IF_CONTAINED),
    )


def _member(element: Element, name: str, kind: str) -> Member:
    child = type_definition(kind)
    value_set = definitions().value_sets.get(element.binding) if element.binding else None
    codes = dict(value_set.codes) if value_set is not None and value_set.complete else None
    return Member(
        name=name,
        kind=kind,
        many=element.many,
        maximum=element.maximum,
        choice=element.name if len(element.types) > 1 else None,
        check=_check(kind, element.binding) if child is not None and child.kind == "primitive" else None,
        codes=codes,
        flat_codes=frozenset().union(*codes.values()) if codes else frozenset(),
        targets=frozenset(element.targets),
        rules=_rules(element.invariants, kind),
        is_resource=kind == "Resource",
    )


def _check(kind: str, binding: str | None) -> Check:
    bound = BOUND_CHECKS.get(binding) if binding is not None else None
    return CHECKS[kind] if bound is None else both(CHECKS[kind], bound)


def _is_filled(content: Any, scope: Scope) -> bool:  # noqa: ARG001 - the shape of Condition
    """txt-2, which R4 states in the words of txt-1: ``htmlChecks()``."""
    return narrative.read(str(content)).filled


def _rules(invariants: tuple[Invariant, ...], kind: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(one.key, one.severity, one.human, _is_filled if one.key == "txt-2" else condition(one.expression, kind))
        for one in invariants
        if one.key not in STRUCTURAL
    )

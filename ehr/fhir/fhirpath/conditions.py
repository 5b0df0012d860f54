"""Conditions on one well-formed object: what only asks for the presence of members is answered without making nodes.

Most invariants begin that way (``code.empty() or system.exists()``), and they run on every object of every write.
"""

import functools
from collections.abc import Callable
from typing import Any

from ehr.fhir.fhirpath import navigation, parser
from ehr.fhir.fhirpath.compiler import Scope, compile_in_context
from ehr.fhir.fhirpath.values import TEMPORAL, compare_times, truth

Condition = Callable[[Any, Scope], bool | None]
"""Whether an object meets an expression; None when the expression is empty for it."""

EMPTY_GIVES_EMPTY = frozenset({"where", "select", "ofType", "as", "extension", "resolve", "first", "last", "tail"})
ORDERS: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}


@functools.lru_cache(maxsize=8192)
def condition(expression: str, kind: str) -> Condition:
    """The expression for objects of a FHIR type whose members all have their shape (no null, no empty array).

    Raises FHIRPathSyntaxError, NotSupported.
    """
    return _condition(parser.parse(expression), kind)


def _condition(tree: Any, kind: str) -> Condition:  # noqa: PLR0911 - one branch for each shape of tree
    match tree:
        case parser.Binary("or", left, right):
            return _either(_condition(left, kind), _condition(right, kind))
        case parser.Binary("implies", left, right):
            return _implies(_condition(left, kind), _condition(right, kind))
        case parser.Binary("and", left, right):
            return _both(_condition(left, kind), _condition(right, kind))
        case parser.Binary("<" | ">" | "<=" | ">=" as operator, left, right):
            return _ordered(operator, left, right, kind) or _evaluated(tree, kind)
        case parser.Call(of, "empty" | "exists" as name, ()):
            return _presence(tree, of, kind, wanted=name == "exists")
        case parser.Call(parser.Call(of, "hasValue", ()), "not", ()):
            member = _primitive(of, kind)
            return _evaluated(tree, kind) if member is None else lambda value, scope: member not in value  # noqa: ARG005 - the shape of Condition
    return _evaluated(tree, kind)


def _evaluated(tree: Any, kind: str) -> Condition:
    evaluate = compile_in_context(tree)
    return lambda value, scope: truth(evaluate(scope, ((value, kind, None),)))


def _either(left: Condition, right: Condition) -> Condition:
    def holds(value: Any, scope: Scope) -> bool | None:
        first = left(value, scope)
        if first:
            return True
        second = right(value, scope)
        return True if second else None if first is None or second is None else False

    return holds


def _implies(left: Condition, right: Condition) -> Condition:
    def holds(value: Any, scope: Scope) -> bool | None:
        first = left(value, scope)
        if first is False:
            return True
        second = right(value, scope)
        return True if second else None if first is None or second is None else False

    return holds


def _both(left: Condition, right: Condition) -> Condition:
    def holds(value: Any, scope: Scope) -> bool | None:
        first = left(value, scope)
        if first is False:
            return False
        second = right(value, scope)
        return False if second is False else None if first is None or second is None else True

    return holds


def _presence(tree: Any, of: Any, kind: str, *, wanted: bool) -> Condition:
    """``a.exists()``, ``a.empty()`` and longer paths: where their first member is absent, so is the rest."""
    root = of
    while isinstance(root, parser.Name | parser.Call) and root.of is not None:
        if isinstance(root, parser.Call) and root.name not in EMPTY_GIVES_EMPTY:
            return _evaluated(tree, kind)
        root = root.of
    names = _json_names(root, kind)
    if not names:
        return _evaluated(tree, kind)
    if root is of:
        return lambda value, scope: names.isdisjoint(value) is not wanted  # noqa: ARG005 - the shape of Condition
    evaluated = _evaluated(tree, kind)
    return lambda value, scope: not wanted if names.isdisjoint(value) else evaluated(value, scope)


def _ordered(operator: str, left: Any, right: Any, kind: str) -> Condition | None:
    """``start <= end``, where both are dates or times of the object."""
    first, second = _primitive(left, kind, TEMPORAL), _primitive(right, kind, TEMPORAL)
    if first is None or second is None:
        return None
    wanted = ORDERS[operator]

    def holds(value: Any, scope: Scope) -> bool | None:  # noqa: ARG001 - the shape of Condition
        begin, end = value.get(first), value.get(second)
        order = None if begin is None or end is None else compare_times(begin, end)
        return None if order is None else wanted(order)

    return holds


def _json_names(tree: Any, kind: str) -> frozenset[str]:
    """The JSON names under which a member of the object may stand, those of its extensions included."""
    return frozenset(
        name
        for json_name, _, primitive, sibling in _members(tree, kind)
        for name in ((json_name, sibling) if primitive else (json_name,))
    )


def _primitive(tree: Any, kind: str, kinds: frozenset[str] | None = None) -> str | None:
    """The JSON name of a primitive member (of one of `kinds`) that is there once at most."""
    found = _members(tree, kind)
    if len(found) != 1 or found[0][0] in navigation.repeated(kind):
        return None
    name, type_, primitive, _ = found[0]
    return name if primitive and (kinds is None or type_ in kinds) else None


def _members(tree: Any, kind: str) -> tuple[navigation.Member, ...]:
    match tree:
        case parser.Name(None, name) if not navigation.is_primitive(kind):
            return navigation.members(kind).get(name, ())
    return ()

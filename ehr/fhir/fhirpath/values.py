"""Values that flow through an expression: nodes, and how they compare."""

import functools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from ehr.fhir.definitions import type_definition
from ehr.lib import ucum
from ehr.lib.dates import interval
from ehr.lib.json import as_decimal

Node = tuple[Any, str, Any]
"""A JSON value, its FHIR type, and the `_name` sibling of a primitive (its id and extensions), None without one."""

Nodes = Sequence[Node]

TRUE: Nodes = ((True, "boolean", None),)
FALSE: Nodes = ((False, "boolean", None),)
EMPTY: Nodes = ()
TEMPORAL = frozenset({"date", "dateTime", "instant", "time"})
QUANTITIES = frozenset({"Quantity", "Age", "Distance", "Duration", "Count", "MoneyQuantity", "SimpleQuantity"})


def boolean(value: bool | None) -> Nodes:  # noqa: FBT001 - a value, not a flag
    """The value as a collection; None is the empty one."""
    return EMPTY if value is None else TRUE if value else FALSE


def truth(nodes: Nodes) -> bool | None:
    """A collection as a condition (section 4.5): empty is None, one non-boolean is true."""
    if not nodes:
        return None
    value = nodes[0][0]
    return value if isinstance(value, bool) else True


def string(value: str) -> Node:
    """A string that the expression itself made."""
    return (value, "string", None)


def integer(value: int) -> Node:
    """An integer that the expression itself made."""
    return (value, "integer", None)


@functools.lru_cache(maxsize=4096)
def is_a(kind: str, name: str) -> bool:
    """Whether the FHIR type `kind` is `name` or derived from it; System.Boolean and boolean are one."""
    wanted = name.rpartition(".")[2]
    current = kind
    while current:
        if current == wanted or (current[:1].islower() and current.casefold() == wanted.casefold()):
            return True
        definition = type_definition(current)
        current = definition.base if definition else ""
    return False


def equal(left: Nodes, right: Nodes) -> bool | None:
    """``=``: None when a side is empty or the precision of times does not tell."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    answers = [_equal_one(a, b) for a, b in zip(left, right, strict=True)]
    return None if None in answers else all(answers)


def same(left: Node, right: Node) -> bool:
    """Whether two nodes count as one in a set (``|``, ``in``, isDistinct)."""
    return _equal_one(left, right) is True


def compare(left: Nodes, right: Nodes) -> int | None:
    """-1, 0 or 1; None when a side is empty or they cannot be ordered."""
    if len(left) != 1 or len(right) != 1:
        return None
    (a, kind, _), (b, other, _) = left[0], right[0]
    if kind in QUANTITIES and other in QUANTITIES:
        return _compare_quantities(a, b)
    if isinstance(a, str) and isinstance(b, str):
        return compare_times(a, b) if kind in TEMPORAL or other in TEMPORAL else (a > b) - (a < b)
    first, second = as_decimal(a), as_decimal(b)
    if first is None or second is None:
        return None
    return (first > second) - (first < second)


def number(node: Node) -> Decimal | None:
    """The numeric value of a node."""
    return as_decimal(node[0])


def _equal_one(left: Node, right: Node) -> bool | None:
    a, b = left[0], right[0]
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, str) and isinstance(b, str):
        if a == b or not (left[1] in TEMPORAL and right[1] in TEMPORAL):
            return a == b
        order = compare_times(a, b)
        return None if order is None else order == 0
    first, second = as_decimal(a), as_decimal(b)
    if first is not None and second is not None:
        return first == second
    return bool(a == b) if not isinstance(a, msgspec.Raw) else False


def compare_times(a: str, b: str) -> int | None:
    """-1, 0 or 1 for two dates or times; None when their precision does not tell."""
    if ":" in a[:3]:
        return (a > b) - (a < b)
    first, second = interval(a), interval(b)
    if first is None or second is None:
        return None
    if first == second:
        return 0
    if first.high <= second.low:
        return -1
    if second.high <= first.low:
        return 1
    return None


def _compare_quantities(a: dict[str, Any], b: dict[str, Any]) -> int | None:
    first, second = as_decimal(a.get("value")), as_decimal(b.get("value"))
    if first is None or second is None:
        return None
    if a.get("code", a.get("unit")) == b.get("code", b.get("unit")):
        return (first > second) - (first < second)
    mine, others = ucum.canonical(first, str(a.get("code"))), ucum.canonical(second, str(b.get("code")))
    if mine is None or others is None or mine[1] != others[1]:
        return None
    return (mine[0] > others[0]) - (mine[0] < others[0])

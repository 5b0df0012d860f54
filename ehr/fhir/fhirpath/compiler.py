"""Turns a syntax tree into closures, once; evaluating is then nothing but calling them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ehr.fhir.fhirpath import navigation, parser, values
from ehr.fhir.fhirpath.values import EMPTY, Node, Nodes, boolean, truth

Evaluate = Callable[["Scope", Nodes], Nodes]


@dataclass(slots=True)
class Scope:
    """What names stand for while an expression runs."""

    resource: Node
    root_resource: Node
    this: Node | None = None
    index: int = 0
    context: Node | None = None


class NotSupported(ValueError):
    """The expression uses a part of FHIRPath that this compiler does not know."""


CONSTANTS = {"ucum": "http://unitsofmeasure.org", "sct": "http://snomed.info/sct", "loinc": "http://loinc.org"}
MAY_BE_ROOT = ("Resource", "DomainResource", "Element", "BackboneElement")


def compile_tree(tree: Any) -> Evaluate:  # noqa: PLR0911 - one branch for each kind of node
    """The closure of a syntax tree. Raises NotSupported."""
    match tree:
        case parser.Literal():
            return _literal(tree)
        case parser.Variable(name):
            return _variable(name)
        case parser.Name(of, name):
            return _name(of, name)
        case parser.Index(of, position):
            return _index(compile_tree(of), compile_tree(position))
        case parser.Unary(operand):
            return _negated(compile_tree(operand))
        case parser.Binary("is" | "as" as operator, left, right):
            return _typed(operator, compile_tree(left), type_name(right))
        case parser.Binary(operator, left, right):
            return _binary(operator, compile_tree(left), compile_tree(right))
        case parser.Call(of, name, arguments):
            return _call(of, name, arguments)
    raise NotSupported(repr(tree))


def compile_in_context(tree: Any) -> Evaluate:
    """As `compile_tree`, for a tree that is evaluated by itself: one node given is its $this and %context."""
    evaluate = compile_tree(tree)
    if not needs_context(tree):
        return evaluate

    def anchored(scope: Scope, nodes: Nodes) -> Nodes:
        before = scope.this, scope.context
        scope.this = scope.context = nodes[0] if len(nodes) == 1 else None
        try:
            return evaluate(scope, nodes)
        finally:
            scope.this, scope.context = before

    return anchored


EACH_ITEM = frozenset({"where", "select", "all", "exists", "repeat", "iif", "ofType", "as", "is"})
"""Functions whose arguments are not evaluated relative to the $this around the call."""


def needs_context(tree: Any) -> bool:
    """Whether evaluating the tree may look at $this or %context where no function has set it."""
    match tree:
        case parser.Variable(name):
            return name in ("$this", "%context")
        case parser.Call(of, name, arguments):
            relative = name not in EACH_ITEM and any(not isinstance(one, parser.Literal) for one in arguments)
            return relative or any(map(needs_context, (of, *arguments)))
        case parser.Binary(_, left, right) | parser.Index(left, right):
            return needs_context(left) or needs_context(right)
        case parser.Name(of) | parser.Unary(of):
            return needs_context(of)
    return False


def type_name(tree: Any) -> str:
    """ "Patient" of ``Patient`` or ``FHIR.Patient``."""
    if not isinstance(tree, parser.Name):
        raise NotSupported(f"{tree!r} is no type")
    return tree.name


def _literal(literal: parser.Literal) -> Evaluate:
    if literal.kind == "empty":
        return lambda scope, nodes: EMPTY  # noqa: ARG005 - the shape of Evaluate
    if literal.kind == "number":
        value: Any = int(literal.value) if literal.value.isdigit() else Decimal(literal.value)
        node: Node = (value, "integer" if isinstance(value, int) else "decimal", None)
    elif literal.value.startswith("T") and literal.kind == "datetime":
        node = (literal.value[1:], "time", None)
    else:
        node = (literal.value, "string" if literal.kind == "string" else "dateTime", None)
    constant: Nodes = (node,)
    return lambda scope, nodes: constant  # noqa: ARG005 - the shape of Evaluate


def _variable(name: str) -> Evaluate:
    if name == "$this":
        return lambda scope, nodes: nodes if scope.this is None else (scope.this,)
    if name == "$index":
        return lambda scope, nodes: (values.integer(scope.index),)  # noqa: ARG005 - the shape of Evaluate
    if name == "%context":
        return lambda scope, nodes: nodes if scope.context is None else (scope.context,)
    if name == "%resource":
        return lambda scope, nodes: (scope.resource,)  # noqa: ARG005 - the shape of Evaluate
    if name == "%rootResource":
        return lambda scope, nodes: (scope.root_resource,)  # noqa: ARG005 - the shape of Evaluate
    constant = CONSTANTS.get(name.removeprefix("%"))
    if constant is None:
        raise NotSupported(name)
    found: Nodes = (values.string(constant),)
    return lambda scope, nodes: found  # noqa: ARG005 - the shape of Evaluate


def _name(of: Any, name: str) -> Evaluate:
    if of is not None:
        inner = compile_tree(of)
        return lambda scope, nodes: navigation.child(inner(scope, nodes), name)
    if name in ("true", "false"):
        constant = boolean(name == "true")
        return lambda scope, nodes: constant  # noqa: ARG005 - the shape of Evaluate
    if not name[0].isupper():
        return lambda scope, nodes: navigation.child(nodes, name)  # noqa: ARG005 - the shape of Evaluate
    return lambda scope, nodes: [node for node in nodes if values.is_a(node[1], name)]  # noqa: ARG005 - the shape of Evaluate


def _index(of: Evaluate, position: Evaluate) -> Evaluate:
    def evaluate(scope: Scope, nodes: Nodes) -> Nodes:
        found, at = of(scope, nodes), position(scope, nodes)
        place = int(at[0][0]) if at else -1
        return (found[place],) if 0 <= place < len(found) else EMPTY

    return evaluate


def _negated(operand: Evaluate) -> Evaluate:
    def evaluate(scope: Scope, nodes: Nodes) -> Nodes:
        found = operand(scope, nodes)
        value = values.number(found[0]) if len(found) == 1 else None
        return EMPTY if value is None else ((-value, "decimal", None),)

    return evaluate


def _typed(operator: str, of: Evaluate, name: str) -> Evaluate:
    if operator == "as":
        return lambda scope, nodes: [node for node in of(scope, nodes) if values.is_a(node[1], name)]

    def evaluate(scope: Scope, nodes: Nodes) -> Nodes:
        found = of(scope, nodes)
        return boolean(values.is_a(found[0][1], name)) if len(found) == 1 else EMPTY

    return evaluate


def _binary(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    if operator in LOGIC:
        logic = LOGIC[operator]
        return lambda scope, nodes: boolean(
            logic(lambda: truth(left(scope, nodes)), lambda: truth(right(scope, nodes)))
        )
    if operator in OPERATORS:
        operation = OPERATORS[operator]
        return lambda scope, nodes: operation(left(scope, nodes), right(scope, nodes))
    raise NotSupported(operator)


def _call(of: Any, name: str, arguments: tuple[Any, ...]) -> Evaluate:
    from ehr.fhir.fhirpath.functions import FUNCTIONS  # noqa: PLC0415 - functions compile their arguments with this module

    if name not in FUNCTIONS:
        raise NotSupported(f"{name}()")
    bound = FUNCTIONS[name](arguments)
    if of is None:
        return bound
    inner = compile_tree(of)
    return lambda scope, nodes: bound(scope, inner(scope, nodes))


Condition = Callable[[], bool | None]


def _and(left: Condition, right: Condition) -> bool | None:
    a = left()
    if a is False:
        return False
    b = right()
    return False if b is False else None if a is None or b is None else True


def _or(left: Condition, right: Condition) -> bool | None:
    a = left()
    if a:
        return True
    b = right()
    return True if b else None if a is None or b is None else False


def _xor(left: Condition, right: Condition) -> bool | None:
    a, b = left(), right()
    return None if a is None or b is None else a != b


def _implies(left: Condition, right: Condition) -> bool | None:
    a = left()
    if a is False:
        return True
    b = right()
    return True if b else None if a is None or b is None else False


LOGIC: dict[str, Callable[[Condition, Condition], bool | None]] = {
    "and": _and,
    "or": _or,
    "xor": _xor,
    "implies": _implies,
}


def _negate(value: bool | None) -> bool | None:  # noqa: FBT001 - a value, not a flag
    return None if value is None else not value


def _ordered(wanted: Callable[[int], bool]) -> Callable[[Nodes, Nodes], Nodes]:
    def evaluate(left: Nodes, right: Nodes) -> Nodes:
        order = values.compare(left, right)
        return EMPTY if order is None else boolean(wanted(order))

    return evaluate


def _union(left: Nodes, right: Nodes) -> Nodes:
    found: list[Node] = []
    for node in (*left, *right):
        if not any(values.same(node, other) for other in found):
            found.append(node)
    return found


def _contains(collection: Nodes, one: Nodes) -> Nodes:
    return boolean(any(values.same(node, one[0]) for node in collection)) if one else EMPTY


def _joined(left: Nodes, right: Nodes) -> Nodes:
    return (values.string("".join(str(nodes[0][0]) for nodes in (left, right) if nodes)),)


def _arithmetic(operation: Callable[[Decimal, Decimal], Decimal | None]) -> Callable[[Nodes, Nodes], Nodes]:
    def evaluate(left: Nodes, right: Nodes) -> Nodes:
        if len(left) != 1 or len(right) != 1:
            return EMPTY
        a, b = values.number(left[0]), values.number(right[0])
        result = operation(a, b) if a is not None and b is not None else None
        return EMPTY if result is None else ((result, "decimal", None),)

    return evaluate


def _plus(left: Nodes, right: Nodes) -> Nodes:
    if len(left) == 1 and len(right) == 1 and isinstance(left[0][0], str) and isinstance(right[0][0], str):
        return _joined(left, right)
    return _arithmetic(lambda a, b: a + b)(left, right)


OPERATORS: dict[str, Callable[[Nodes, Nodes], Nodes]] = {
    "=": lambda left, right: boolean(values.equal(left, right)),
    "!=": lambda left, right: boolean(_negate(values.equal(left, right))),
    "~": lambda left, right: boolean(bool(values.equal(left, right)) if left or right else True),
    "!~": lambda left, right: boolean(not values.equal(left, right) if left or right else False),
    "<": _ordered(lambda order: order < 0),
    ">": _ordered(lambda order: order > 0),
    "<=": _ordered(lambda order: order <= 0),
    ">=": _ordered(lambda order: order >= 0),
    "|": _union,
    "in": lambda left, right: _contains(right, left),
    "contains": _contains,
    "&": _joined,
    "+": _plus,
    "-": _arithmetic(lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b),
    "/": _arithmetic(lambda a, b: a / b if b else None),
    "div": _arithmetic(lambda a, b: a // b if b else None),
    "mod": _arithmetic(lambda a, b: a % b if b else None),
}

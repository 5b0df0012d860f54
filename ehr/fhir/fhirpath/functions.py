"""FHIRPath's functions, those of FHIR included. Each takes its argument trees and gives a closure."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from ehr.fhir.fhirpath import narrative, navigation, values
from ehr.fhir.fhirpath.compiler import Evaluate, NotSupported, Scope, compile_tree, type_name
from ehr.fhir.fhirpath.values import EMPTY, Node, Nodes, boolean, integer, string, truth
from ehr.lib import clock
from ehr.lib.json import as_decimal

Arguments = tuple[Any, ...]
Factory = Callable[[Arguments], Evaluate]

TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0")
FALSE_WORDS = ("false", "f", "no", "n", "0", "0.0")
FUNCTIONS: dict[str, Factory] = {}


def _function(name: str) -> Callable[[Factory], Factory]:
    def mark(factory: Factory) -> Factory:
        FUNCTIONS[name] = factory
        return factory

    return mark


def _of_nodes(name: str, function: Callable[[Nodes], Nodes]) -> None:
    """Registers a function without arguments."""

    def factory(arguments: Arguments) -> Evaluate:
        if arguments:
            raise NotSupported(f"{name}() with arguments")
        return lambda scope, nodes: function(nodes)  # noqa: ARG005 - the shape of Evaluate

    FUNCTIONS[name] = factory


def _of_text(name: str, function: Callable[..., Nodes]) -> None:
    """Registers a function of one string and of string or number arguments."""

    def factory(arguments: Arguments) -> Evaluate:
        compiled = [compile_tree(argument) for argument in arguments]

        def evaluate(scope: Scope, nodes: Nodes) -> Nodes:
            given = [argument(scope, _context(scope, nodes)) for argument in compiled]
            if len(nodes) != 1 or nodes[0][0] is None or not all(given):
                return EMPTY
            return function(str(nodes[0][0]), *(argument[0][0] for argument in given))

        return evaluate

    FUNCTIONS[name] = factory


def _context(scope: Scope, nodes: Nodes) -> Nodes:
    """What an argument is relative to, unless it is evaluated for each item: the $this of the call, not its input."""
    return nodes if scope.this is None else (scope.this,)


def _each(scope: Scope, nodes: Nodes, evaluate: Evaluate) -> Iterable[tuple[Node, Nodes]]:
    """Every node with what `evaluate` gives when that node is $this."""
    before, position = scope.this, scope.index
    try:
        for index, node in enumerate(nodes):
            scope.this, scope.index = node, index
            yield node, evaluate(scope, (node,))
    finally:
        scope.this, scope.index = before, position


def _criterion(arguments: Arguments) -> Evaluate:
    if len(arguments) != 1:
        raise NotSupported("one criterion is expected")
    return compile_tree(arguments[0])


@_function("where")
def _where(arguments: Arguments) -> Evaluate:
    criterion = _criterion(arguments)
    return lambda scope, nodes: [node for node, answer in _each(scope, nodes, criterion) if truth(answer)]


@_function("select")
def _select(arguments: Arguments) -> Evaluate:
    projection = _criterion(arguments)
    return lambda scope, nodes: [found for _, answer in _each(scope, nodes, projection) for found in answer]


@_function("all")
def _all(arguments: Arguments) -> Evaluate:
    criterion = _criterion(arguments)
    return lambda scope, nodes: boolean(all(truth(answer) for _, answer in _each(scope, nodes, criterion)))


@_function("exists")
def _exists(arguments: Arguments) -> Evaluate:
    if not arguments:
        return lambda scope, nodes: boolean(bool(nodes))  # noqa: ARG005 - the shape of Evaluate
    criterion = _criterion(arguments)
    return lambda scope, nodes: boolean(any(truth(answer) for _, answer in _each(scope, nodes, criterion)))


@_function("repeat")
def _repeat(arguments: Arguments) -> Evaluate:
    projection = _criterion(arguments)

    def evaluate(scope: Scope, nodes: Nodes) -> Nodes:
        found: list[Node] = []
        level = [item for _, answer in _each(scope, nodes, projection) for item in answer]
        while level:
            new = [item for item in level if not any(item is other for other in found)]
            found.extend(new)
            level = [item for _, answer in _each(scope, new, projection) for item in answer]
        return found

    return evaluate


@_function("iif")
def _iif(arguments: Arguments) -> Evaluate:
    condition, yes = compile_tree(arguments[0]), compile_tree(arguments[1])
    no = compile_tree(arguments[2]) if len(arguments) > 2 else None

    def evaluate(scope: Scope, nodes: Nodes) -> Nodes:
        if truth(condition(scope, nodes)):
            return yes(scope, nodes)
        return no(scope, nodes) if no else EMPTY

    return evaluate


def _of_type(arguments: Arguments) -> Evaluate:
    name = type_name(arguments[0])
    return lambda scope, nodes: [node for node in nodes if values.is_a(node[1], name)]  # noqa: ARG005 - the shape of Evaluate


FUNCTIONS["ofType"] = FUNCTIONS["as"] = _of_type


@_function("is")
def _is(arguments: Arguments) -> Evaluate:
    name = type_name(arguments[0])
    return lambda scope, nodes: boolean(values.is_a(nodes[0][1], name)) if len(nodes) == 1 else EMPTY  # noqa: ARG005 - as above


@_function("extension")
def _extension(arguments: Arguments) -> Evaluate:
    url = compile_tree(arguments[0])

    def evaluate(scope: Scope, nodes: Nodes) -> Nodes:
        wanted = url(scope, _context(scope, nodes))
        found = navigation.child(nodes, "extension")
        return [node for node in found if wanted and isinstance(node[0], dict) and node[0].get("url") == wanted[0][0]]

    return evaluate


@_function("resolve")
def _resolve(arguments: Arguments) -> Evaluate:  # noqa: ARG001 - the shape of Factory
    """What a reference says of its target: the type and id, not the target's content, which is in the store."""
    return lambda scope, nodes: [found for node in nodes if (found := _target(scope, node))]


def _target(scope: Scope, node: Node) -> Node | None:
    value = node[0]
    reference = value.get("reference") if isinstance(value, dict) else value
    if not isinstance(reference, str):
        return None
    if reference.startswith("#"):
        contained = navigation.child((scope.root_resource,), "contained")
        return next((one for one in contained if isinstance(one[0], dict) and one[0].get("id") == reference[1:]), None)
    parts = reference.partition("/_history/")[0].split("/")
    kind = parts[-2] if len(parts) > 1 else value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or not kind[:1].isupper():
        return None
    return ({"resourceType": kind, "id": parts[-1]}, kind, None)


@_function("trace")
def _trace(arguments: Arguments) -> Evaluate:  # noqa: ARG001 - it only names a log line
    return lambda scope, nodes: nodes  # noqa: ARG005 - the shape of Evaluate


@_function("combine")
def _combine(arguments: Arguments) -> Evaluate:
    other = _criterion(arguments)
    return lambda scope, nodes: [*nodes, *other(scope, _context(scope, nodes))]


def _of_two(name: str, function: Callable[[Nodes, Nodes], Nodes]) -> None:
    """Registers a function of its input and of one other collection."""

    def factory(arguments: Arguments) -> Evaluate:
        other = _criterion(arguments)
        return lambda scope, nodes: function(nodes, other(scope, _context(scope, nodes)))

    FUNCTIONS[name] = factory


def _has(nodes: Nodes, node: Node) -> bool:
    return any(values.same(node, one) for one in nodes)


def _distinct_nodes(nodes: Nodes) -> Nodes:
    found: list[Node] = []
    for node in nodes:
        if not _has(found, node):
            found.append(node)
    return found


_of_two("intersect", lambda nodes, other: _distinct_nodes([node for node in nodes if _has(other, node)]))
_of_two("exclude", lambda nodes, other: [node for node in nodes if not _has(other, node)])
_of_two("union", lambda nodes, other: _distinct_nodes([*nodes, *other]))
_of_two("subsetOf", lambda nodes, other: boolean(all(_has(other, node) for node in nodes)))
_of_two("supersetOf", lambda nodes, other: boolean(all(_has(nodes, node) for node in other)))
_of_two("skip", lambda nodes, count: nodes[max(_whole(count), 0) :])
_of_two("take", lambda nodes, count: nodes[: max(_whole(count), 0)])


def _whole(nodes: Nodes) -> int:
    return nodes[0][0] if nodes and isinstance(nodes[0][0], int) else 0


@_function("htmlChecks")
def _html_checks(arguments: Arguments) -> Evaluate:  # noqa: ARG001 - the shape of Factory
    return lambda scope, nodes: boolean(all(narrative.read(str(node[0])).safe for node in nodes))  # noqa: ARG005 - as above


def _is_distinct(nodes: Nodes) -> bool:
    plain = [node[0] for node in nodes]
    if all(isinstance(value, str) for value in plain):
        return len(set(plain)) == len(plain)
    return not any(values.same(a, b) for i, a in enumerate(nodes) for b in nodes[i + 1 :])


def _to_integer(nodes: Nodes) -> Nodes:
    text = str(nodes[0][0]) if len(nodes) == 1 else ""
    return (integer(int(text)),) if re.fullmatch(r"[+-]?\d{1,18}", text) else EMPTY


def _not(nodes: Nodes) -> Nodes:
    value = truth(nodes)
    return boolean(None if value is None else not value)


def _to_decimal(nodes: Nodes) -> Nodes:
    text = str(nodes[0][0]) if len(nodes) == 1 else ""
    return ((Decimal(text), "decimal", None),) if re.fullmatch(r"[+-]?\d+(\.\d+)?", text, re.ASCII) else EMPTY


def _to_boolean(nodes: Nodes) -> Nodes:
    text = str(nodes[0][0]).casefold() if len(nodes) == 1 else ""
    return boolean(True if text in TRUE_WORDS else False if text in FALSE_WORDS else None)


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _has_value(nodes: Nodes) -> Nodes:
    return boolean(len(nodes) == 1 and not isinstance(nodes[0][0], dict) and nodes[0][0] is not None)


_of_nodes("empty", lambda nodes: boolean(not nodes))
_of_nodes("not", _not)
_of_nodes("count", lambda nodes: (integer(len(nodes)),))
_of_nodes("first", lambda nodes: nodes[:1])
_of_nodes("last", lambda nodes: nodes[-1:])
_of_nodes("tail", lambda nodes: nodes[1:])
_of_nodes("single", lambda nodes: nodes if len(nodes) == 1 else EMPTY)
_of_nodes("hasValue", _has_value)
_of_nodes("isDistinct", lambda nodes: boolean(_is_distinct(nodes)))
_of_nodes("allTrue", lambda nodes: boolean(all(node[0] is True for node in nodes)))
_of_nodes("allFalse", lambda nodes: boolean(all(node[0] is False for node in nodes)))
_of_nodes("anyTrue", lambda nodes: boolean(any(node[0] is True for node in nodes)))
_of_nodes("anyFalse", lambda nodes: boolean(any(node[0] is False for node in nodes)))
_of_nodes("distinct", _distinct_nodes)
_of_nodes("getValue", lambda nodes: nodes if truth(_has_value(nodes)) else EMPTY)
_of_nodes("today", lambda nodes: ((f"{clock.now():%Y-%m-%d}", "date", None),))  # noqa: ARG005 - the shape of its kind
_of_nodes("now", lambda nodes: ((clock.fhir_instant(clock.now()), "dateTime", None),))  # noqa: ARG005 - as above
_of_nodes("toDecimal", _to_decimal)
_of_nodes("toBoolean", _to_boolean)
_of_nodes("children", navigation.children)
_of_nodes("descendants", navigation.descendants)
_of_nodes("toInteger", _to_integer)
_of_nodes("toString", lambda nodes: (string(_as_text(nodes[0][0])),) if len(nodes) == 1 else EMPTY)

_of_text("startsWith", lambda text, prefix: boolean(text.startswith(str(prefix))))
_of_text("endsWith", lambda text, suffix: boolean(text.endswith(str(suffix))))
_of_text("contains", lambda text, part: boolean(str(part) in text))
_of_text("matches", lambda text, pattern: boolean(re.search(str(pattern), text) is not None))
_of_text("replaceMatches", lambda text, pattern, new: (string(re.sub(str(pattern), str(new), text)),))
_of_text("replace", lambda text, part, new: (string(text.replace(str(part), str(new))),))
_of_text("indexOf", lambda text, part: (integer(text.find(str(part))),))
_of_text("length", lambda text: (integer(len(text)),))
_of_text("upper", lambda text: (string(text.upper()),))
_of_text("lower", lambda text: (string(text.lower()),))


def _substring(text: str, start: Any, length: Any = None) -> Nodes:
    begin = int(as_decimal(start) or 0)
    if not 0 <= begin < len(text):
        return EMPTY
    return (string(text[begin:] if length is None else text[begin : begin + int(length)]),)


_of_text("substring", _substring)

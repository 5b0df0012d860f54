"""FHIRPath's functions, those of FHIR included. Each takes its argument trees and gives a closure."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from ehr.fhir.fhirpath import navigation, values
from ehr.fhir.fhirpath.compiler import Evaluate, NotSupported, Scope, compile_tree, type_name
from ehr.fhir.fhirpath.narrative import is_safe
from ehr.fhir.fhirpath.values import EMPTY, Node, Nodes, boolean, integer, string, truth
from ehr.lib.json import as_decimal

Arguments = tuple[Any, ...]
Factory = Callable[[Arguments], Evaluate]

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
            given = [argument(scope, nodes) for argument in compiled]
            if len(nodes) != 1 or nodes[0][0] is None or not all(given):
                return EMPTY
            return function(str(nodes[0][0]), *(argument[0][0] for argument in given))

        return evaluate

    FUNCTIONS[name] = factory


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
        wanted = url(scope, nodes)[0][0]
        return [node for node in navigation.child(nodes, "extension") if node[0].get("url") == wanted]

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
        return next((found for found in contained if found[0].get("id") == reference[1:]), None)
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
    return lambda scope, nodes: [*nodes, *other(scope, nodes)]


@_function("intersect")
def _intersect(arguments: Arguments) -> Evaluate:
    other = _criterion(arguments)

    def evaluate(scope: Scope, nodes: Nodes) -> Nodes:
        found = other(scope, (scope.this,) if scope.this is not None else nodes)
        return [node for node in nodes if any(values.same(node, one) for one in found)]

    return evaluate


@_function("htmlChecks")
def _html_checks(arguments: Arguments) -> Evaluate:  # noqa: ARG001 - the shape of Factory
    return lambda scope, nodes: boolean(all(is_safe(str(node[0])) for node in nodes))  # noqa: ARG005 - as above


def _distinct(nodes: Nodes) -> bool:
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
_of_nodes("isDistinct", lambda nodes: boolean(_distinct(nodes)))
_of_nodes("allTrue", lambda nodes: boolean(all(node[0] is True for node in nodes)))
_of_nodes("allFalse", lambda nodes: boolean(all(node[0] is False for node in nodes)))
_of_nodes("anyTrue", lambda nodes: boolean(any(node[0] is True for node in nodes)))
_of_nodes("children", navigation.children)
_of_nodes("descendants", navigation.descendants)
_of_nodes("toInteger", _to_integer)
_of_nodes("toString", lambda nodes: (string(str(nodes[0][0])),) if len(nodes) == 1 else EMPTY)

_of_text("startsWith", lambda text, prefix: boolean(text.startswith(str(prefix))))
_of_text("endsWith", lambda text, suffix: boolean(text.endswith(str(suffix))))
_of_text("contains", lambda text, part: boolean(str(part) in text))
_of_text("matches", lambda text, pattern: boolean(re.search(str(pattern), text) is not None))
_of_text("replaceMatches", lambda text, pattern, new: (string(re.sub(str(pattern), str(new), text)),))
_of_text("length", lambda text: (integer(len(text)),))
_of_text("upper", lambda text: (string(text.upper()),))
_of_text("lower", lambda text: (string(text.lower()),))


def _substring(text: str, start: Any, length: Any = None) -> Nodes:
    begin = int(as_decimal(start) or 0)
    if not 0 <= begin < len(text):
        return EMPTY
    return (string(text[begin:] if length is None else text[begin : begin + int(length)]),)


_of_text("substring", _substring)

"""Where in a resource the elements stand that a path names: what a patch needs, and values alone do not tell.

A path is names, indexes, filters, casts and the functions that narrow a collection; FHIRPath Patch (FHIR R4
fhirpatch.html) needs no more of FHIRPath. A filter's criterion is evaluated as any other expression.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ehr.fhir.definitions import type_definition
from ehr.fhir.definitions.structures import Element
from ehr.fhir.fhirpath import navigation, parser
from ehr.fhir.fhirpath.compiler import NotSupported, Scope, compile_tree, type_name
from ehr.fhir.fhirpath.values import Node, is_a, truth

LONGEST_PATH = 1000  # characters
COSTLY = frozenset({"matches", "replaceMatches", "repeat", "descendants"})
"""Functions whose cost grows out of proportion: a client's pattern could keep a process busy for ever."""


@dataclass(frozen=True, slots=True)
class Location:
    """One element: the member `name` of `holder`, at `position` where that is an array. The resource has no holder."""

    node: Node
    holder: "Location | None" = None
    name: str = ""
    position: int | None = None

    @property
    def members(self) -> dict[str, Any]:
        """The element as a JSON object: for a primitive its sibling, which holds its id and extensions."""
        value, _, sibling = self.node
        return value if isinstance(value, dict) else sibling if isinstance(sibling, dict) else {}

    @property
    def kind(self) -> str:
        """Its FHIR type."""
        return self.node[1]


@dataclass(frozen=True, slots=True)
class Collection:
    """All values of one element of one object, of which there may be none yet."""

    holder: Location
    element: Element


def locate(resource: dict[str, Any], path: str) -> list[Location]:
    """The elements that `path` names, in order. Raises FHIRPathSyntaxError, NotSupported."""
    root = Location(navigation.root(resource))
    return _locate(_tree(path), root)


def locate_collection(resource: dict[str, Any], path: str) -> list[Collection]:
    """The elements that `path`, which ends in a name, stands for: one for each object that may hold it."""
    tree = _tree(path)
    if not isinstance(tree, parser.Name) or tree.of is None:
        raise NotSupported(f"{path!r} ends in something else than the name of an element")
    holders = _locate(tree.of, Location(navigation.root(resource)))
    return [Collection(holder, element) for holder in holders if (element := element_named(holder.kind, tree.name))]


def element_named(kind: str, name: str) -> Element | None:
    """The element of a type by its FHIRPath name, or by the JSON name of one type of a choice."""
    definition = type_definition(kind)
    elements = definition.elements if definition else ()
    return next((element for element in elements if name == element.name or name in element.types), None)


def _tree(path: str) -> Any:
    if len(path) > LONGEST_PATH:
        raise NotSupported(f"a path is longer than {LONGEST_PATH} characters")
    return parser.parse(path)


def _locate(tree: Any, root: Location) -> list[Location]:
    match tree:
        case parser.Name(None, name):
            return [root] if name[0].isupper() and is_a(root.kind, name) else _children([root], name)
        case parser.Variable("%resource" | "%context" | "$this"):
            return [root]
        case parser.Name(of, name):
            return _children(_locate(of, root), name)
        case parser.Index(of, parser.Literal("number", position)) if position.isdigit():
            return _locate(of, root)[int(position) : int(position) + 1]
        case parser.Binary("as", of, kind):
            return _of_type(_locate(of, root), kind)
        case parser.Call(of, name, arguments) if name in NARROWING:
            found = [root] if of is None else _locate(of, root)
            return NARROWING[name](found, arguments, root)
    raise NotSupported("a path is made of names, indexes, where(), ofType(), extension(), first(), last() and the like")


def _children(holders: Sequence[Location], name: str) -> list[Location]:
    return [found for holder in holders for found in _members(holder, name)]


def _members(holder: Location, name: str) -> list[Location]:
    element = element_named(holder.kind, name)
    if element is None:
        return []
    json_names = element.types if name == element.name else {name: element.types[name]}
    return [
        Location(node, holder, json_name, position if element.many else None)
        for json_name, kind in json_names.items()
        for position, node in _nodes(holder.members, json_name, kind)
    ]


def _nodes(members: dict[str, Any], name: str, kind: str) -> list[tuple[int, Node]]:
    """The values of a member with their positions. What is null in both arrays of a primitive is nothing."""
    values, siblings = _listed(members.get(name)), _listed(members.get("_" + name))
    found: list[tuple[int, Node]] = []
    for position in range(max(len(values), len(siblings))):
        value = values[position] if position < len(values) else None
        sibling = siblings[position] if position < len(siblings) else None
        if kind == "Resource" and isinstance(value, dict):
            found.append((position, navigation.root(value)))
        elif value is not None or sibling is not None:
            found.append((position, (value, kind, sibling)))
    return found


def _listed(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [] if content is None else [content]


Narrow = Callable[[list[Location], tuple[Any, ...], Location], list[Location]]


def _where(found: list[Location], arguments: tuple[Any, ...], root: Location) -> list[Location]:
    (criterion,) = _counted(arguments, 1)
    _refuse_costly(criterion)
    evaluate = compile_tree(criterion)
    kept: list[Location] = []
    for index, location in enumerate(found):
        scope = Scope(root.node, root.node, location.node, index, root.node)
        if truth(evaluate(scope, (location.node,))) is True:
            kept.append(location)
    return kept


def _refuse_costly(tree: Any) -> None:
    if isinstance(tree, parser.Call) and tree.name in COSTLY:
        raise NotSupported(f"{tree.name}() in a path")
    for part in _parts(tree):
        _refuse_costly(part)


def _parts(tree: Any) -> Sequence[Any]:
    match tree:
        case parser.Call(of, _, arguments):
            return (of, *arguments)
        case parser.Binary(_, left, right) | parser.Index(left, right):
            return (left, right)
        case parser.Name(of) | parser.Unary(of):
            return (of,)
    return ()


def _of_type(found: list[Location], kind: Any) -> list[Location]:
    wanted = type_name(kind)
    return [location for location in found if is_a(location.kind, wanted)]


def _extension(found: list[Location], arguments: tuple[Any, ...], root: Location) -> list[Location]:  # noqa: ARG001 - the shape of Narrow
    (url,) = _counted(arguments, 1)
    if not isinstance(url, parser.Literal):
        raise NotSupported("extension() takes a URL")
    return [location for location in _children(found, "extension") if location.members.get("url") == url.value]


def _single(found: list[Location]) -> list[Location]:
    if len(found) > 1:
        raise NotSupported("single() of several elements")
    return found


def _plain(narrow: Callable[[list[Location]], list[Location]]) -> Narrow:
    def run(found: list[Location], arguments: tuple[Any, ...], root: Location) -> list[Location]:  # noqa: ARG001 - the shape of Narrow
        _counted(arguments, 0)
        return narrow(found)

    return run


def _sliced(narrow: Callable[[list[Location], int], list[Location]]) -> Narrow:
    def run(found: list[Location], arguments: tuple[Any, ...], root: Location) -> list[Location]:  # noqa: ARG001 - the shape of Narrow
        (count,) = _counted(arguments, 1)
        if not isinstance(count, parser.Literal) or not count.value.isdigit():
            raise NotSupported("skip() and take() take a whole number")
        return narrow(found, int(count.value))

    return run


def _counted(arguments: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    if len(arguments) != count:
        raise NotSupported(f"a function with {len(arguments)} arguments, not {count}")
    return arguments


NARROWING: dict[str, Narrow] = {
    "where": _where,
    "extension": _extension,
    "ofType": lambda found, arguments, _: _of_type(found, _counted(arguments, 1)[0]),
    "as": lambda found, arguments, _: _of_type(found, _counted(arguments, 1)[0]),
    "first": _plain(lambda found: found[:1]),
    "last": _plain(lambda found: found[-1:]),
    "tail": _plain(lambda found: found[1:]),
    "single": _plain(_single),
    "skip": _sliced(lambda found, count: found[count:]),
    "take": _sliced(lambda found, count: found[:count]),
}

"""From a node to its children, by the definitions of its type."""

import functools
from collections.abc import Iterable
from typing import Any

from ehr.fhir.definitions import type_definition
from ehr.fhir.fhirpath.values import Node, Nodes

Member = tuple[str, str, bool, str]
"""JSON name, FHIR type, whether that type is primitive, and the name of the `_sibling` that a primitive may have."""


@functools.cache
def members(kind: str) -> dict[str, tuple[Member, ...]]:
    """The children of a type by FHIRPath name: a choice has one member for each of its types."""
    definition = type_definition(kind)
    if definition is None:
        return {}
    return {
        element.name: tuple((name, child, is_primitive(child), "_" + name) for name, child in element.types.items())
        for element in definition.elements
    }


@functools.cache
def repeated(kind: str) -> frozenset[str]:
    """The JSON names of the children of a type that are arrays."""
    definition = type_definition(kind)
    elements = definition.elements if definition is not None else ()
    return frozenset(name for element in elements if element.many for name in element.types)


@functools.cache
def _members_by_any_name(kind: str) -> dict[str, tuple[Member, ...]]:
    """`members`, and each type of a choice by its JSON name (`valueDateTime`).

    That is not FHIRPath, but what US Core and evv-1 write.
    """
    own = members(kind)
    return {member[0]: (member,) for group in own.values() for member in group} | own


@functools.cache
def is_primitive(kind: str) -> bool:
    """True for types whose values are no JSON objects, and for what is no type."""
    definition = type_definition(kind)
    return definition is None or definition.kind == "primitive"


def root(resource: dict[str, Any]) -> Node:
    """A resource as a node."""
    return (resource, str(resource.get("resourceType")), None)


def child(nodes: Nodes, name: str) -> list[Node]:
    """The members called `name` of all nodes, in order."""
    found: list[Node] = []
    for value, kind, sibling in nodes:
        if isinstance(value, dict):
            for json_name, child_kind, primitive, sibling_name in _members_by_any_name(kind).get(name, ()):
                if json_name in value or sibling_name in value:
                    _collect(value, json_name, child_kind, found, primitive=primitive)
        elif isinstance(sibling, dict) and name in ("extension", "id"):
            _collect(sibling, name, "Extension" if name == "extension" else "string", found, primitive=name == "id")
    return found


def children(nodes: Nodes) -> list[Node]:
    """All members of all nodes."""
    return [inner for node in nodes for name in _child_names(node) for inner in child((node,), name)]


def _child_names(node: Node) -> Iterable[str]:
    value, kind, sibling = node
    if isinstance(value, dict):
        return members(kind)
    return ("extension",) if isinstance(sibling, dict) else ()


def descendants(nodes: Nodes) -> list[Node]:
    """Members, their members, and so on."""
    found: list[Node] = []
    level = children(nodes)
    while level:
        found.extend(level)
        level = children(level)
    return found


def _collect(value: dict[str, Any], json_name: str, kind: str, found: list[Node], *, primitive: bool) -> None:
    content = value.get(json_name)
    if not primitive:
        if content is None:
            return
        items = content if isinstance(content, list) else (content,)
        found += [root(item) if kind == "Resource" and isinstance(item, dict) else (item, kind, None) for item in items]
        return
    sibling = value.get("_" + json_name)
    if isinstance(content, list) or isinstance(sibling, list):
        values, siblings = content or [], sibling or []
        for position in range(max(len(values), len(siblings))):
            item = values[position] if position < len(values) else None
            beside = siblings[position] if position < len(siblings) else None
            if item is not None or beside is not None:
                found.append((item, kind, beside))
    elif content is not None or sibling is not None:
        found.append((content, kind, sibling))

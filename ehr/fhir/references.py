"""The references of a resource: reading them, and putting others in their place."""

from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from ehr.fhir.search.values import local_reference

UNRESOLVED = ("urn:uuid:", "urn:oid:")


def reference_texts(resource: Mapping[str, Any]) -> set[str]:
    """What every Reference in the resource says in `reference`.

    Those inside the entries of a Bundle are the Bundle's own.
    """
    found: set[str] = set()
    start = (
        {name: value for name, value in resource.items() if name != "entry"}
        if resource.get("resourceType") == "Bundle"
        else resource
    )
    stack: list[Any] = [start]
    while stack:
        node = stack.pop()
        if node.__class__ is dict:
            text = node.get("reference")
            if text.__class__ is str:
                found.add(text)
            node = node.values()
        stack.extend([value for value in node if value.__class__ is dict or value.__class__ is list])
    return found


def targets(texts: set[str]) -> tuple[set[str], set[str]]:
    """(resources of this store that are named, what only a transaction could resolve).

    As "Type/id"; as urn: and Type?condition.
    """
    literal, unresolved = set(), set()
    for text in texts:
        local = local_reference(text)
        if local is not None:
            literal.add(local)
        elif text.startswith(UNRESOLVED) or "?" in text.partition(":")[0]:
            unresolved.add(text)
    return literal, unresolved


def find_reference(resource: dict[str, Any], wanted: Container[str]) -> list[tuple[str, str]]:
    """(expression, reference) of every reference of `resource` whose target, version aside, is in `wanted`."""
    return [
        (expression, reference["reference"])
        for expression, reference in _references(resource, resource["resourceType"])
        if reference["reference"].split("/_history/", 1)[0] in wanted
    ]


def rewrite(resource: dict[str, Any], replacement: Callable[[str, str], str | None]) -> None:
    """Replaces references in place: `replacement(reference, expression)` gives the new one, None to leave it."""
    for expression, reference in _references(resource, resource["resourceType"]):
        new = replacement(reference["reference"], expression)
        if new is not None:
            reference["reference"] = new


def rewritten(node: dict[str, Any], named: Mapping[str, str], stated: set[str] | None = None) -> dict[str, Any]:
    """The object with references replaced as `named` says; `stated` takes what the references said before.

    What does not change is shared with the original, not copied.
    """
    changes: dict[str, Any] | None = None
    new: Any
    for name, value in node.items():
        kind = value.__class__
        if kind is dict:
            new = rewritten(value, named, stated)
        elif kind is list:
            new = _rewritten_items(value, named, stated)
        elif name == "reference" and kind is str:
            if stated is not None:
                stated.add(value)
            new = named.get(value, value)
        else:
            continue
        if new is not value:
            changes = {} if changes is None else changes
            changes[name] = new
    return node if changes is None else {**node, **changes}


def _rewritten_items(items: list[Any], named: Mapping[str, str], stated: set[str] | None) -> list[Any]:
    changes: dict[int, Any] | None = None
    new: Any
    for position, value in enumerate(items):
        if value.__class__ is dict:
            new = rewritten(value, named, stated)
        elif value.__class__ is list:
            new = _rewritten_items(value, named, stated)
        else:
            continue
        if new is not value:
            changes = {} if changes is None else changes
            changes[position] = new
    return items if changes is None else [changes.get(position, value) for position, value in enumerate(items)]


def _references(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every Reference object in `node` with the FHIRPath of its `reference` element."""
    stack: list[tuple[str, Any]] = [(path, node)]
    while stack:
        here, value = stack.pop()
        if isinstance(value, dict):
            if isinstance(value.get("reference"), str):
                yield f"{here}.reference", value
            stack.extend((f"{here}.{name}", child) for name, child in value.items() if isinstance(child, dict | list))
        elif isinstance(value, list):
            stack.extend((f"{here}[{i}]", child) for i, child in enumerate(value) if isinstance(child, dict | list))

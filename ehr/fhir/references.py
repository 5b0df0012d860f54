"""Walking the references of a resource."""

from collections.abc import Callable, Container, Iterator
from typing import Any


def references(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
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


def find_reference(resource: dict[str, Any], wanted: Container[str]) -> list[tuple[str, str]]:
    """(expression, reference) of every reference of `resource` whose target, version aside, is in `wanted`."""
    return [
        (expression, reference["reference"])
        for expression, reference in references(resource, resource["resourceType"])
        if reference["reference"].split("/_history/", 1)[0] in wanted
    ]


def unresolved_references(resource: dict[str, Any]) -> set[str]:
    """References that only a transaction could have resolved: ``urn:uuid:…`` and ``Type?condition``."""
    return {
        reference["reference"]
        for _, reference in references(resource, resource["resourceType"])
        if reference["reference"].startswith(("urn:uuid:", "urn:oid:")) or "?" in reference["reference"]
    }


def copied(node: Any) -> Any:
    """A copy whose objects and arrays can be changed without changing the original; values are shared."""
    if isinstance(node, dict):
        return {name: copied(value) if isinstance(value, dict | list) else value for name, value in node.items()}
    return [copied(value) if isinstance(value, dict | list) else value for value in node]


def rewrite(resource: dict[str, Any], replacement: Callable[[str, str], str | None]) -> None:
    """Replaces references in place: `replacement(reference, expression)` gives the new one, None to leave it."""
    for expression, reference in references(resource, resource["resourceType"]):
        new = replacement(reference["reference"], expression)
        if new is not None:
            reference["reference"] = new

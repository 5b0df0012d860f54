"""The form of a literal reference (FHIR R4 references.html#literal)."""

import re
from collections.abc import Container, Iterator, Sized
from typing import Any, Protocol

from ehr.fhir.definitions import resource_types

_RELATIVE = re.compile(r"([A-Z][A-Za-z]*)/([A-Za-z0-9\-.]{1,64})(/_history/[A-Za-z0-9\-.]{1,64})?", re.ASCII)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.\-]*:\S+", re.ASCII)
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]*)\?\S+", re.ASCII)


class Types(Container[str], Sized, Protocol):
    """A set of type names."""


def reference_fault(text: str, targets: Types) -> str | None:
    """What is wrong with the text of a Reference to elsewhere, None when nothing is. No `targets` allow any type."""
    match = _RELATIVE.fullmatch(text) or _CONDITIONAL.fullmatch(text)
    if match is None:
        return None if _ABSOLUTE.fullmatch(text) else f"{text[:80]!r} is not Type/id, an absolute URL, or #id."
    if match[1] not in resource_types():
        return f"{match[1]!r} is not a resource type of FHIR R4."
    return f"A reference to {match[1]} is not allowed here." if targets and match[1] not in targets else None


def unreferenced(resource: dict[str, Any]) -> list[int]:
    """Positions of contained resources that nothing refers to and that do not refer to their container (dom-3)."""
    contained = resource["contained"]
    if not isinstance(contained, list):
        return []
    missing = {f"#{inner.get('id')}" for inner in contained if isinstance(inner, dict)}
    for text in _local_references(resource):
        missing.discard(text)
        if not missing:
            return []
    return [
        position
        for position, inner in enumerate(contained)
        if isinstance(inner, dict) and f"#{inner.get('id')}" in missing and "#" not in _local_references(inner)
    ]


def local_fault(reference: str, root: dict[str, Any], targets: Types) -> tuple[str, str] | None:
    """Code and words for what is wrong with a reference ``#med`` to what `root` contains (ref-1); ``#`` is `root`."""
    contained = root.get("contained")
    inner = contained if isinstance(contained, list) else []
    named = (
        [one for one in inner if isinstance(one, dict) and one.get("id") == reference[1:]]
        if reference != "#"
        else [root]
    )
    if not named:
        return "invariant", f"ref-1: {reference[:60]!r} names no contained resource."
    kind = named[0].get("resourceType")
    if targets and isinstance(kind, str) and kind not in targets:
        return "value", f"A reference to {kind[:60]} is not allowed here."
    return None


def _local_references(node: Any) -> Iterator[str]:
    stack = [node]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack.extend(reversed(value.values()))
        elif isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, str) and value.startswith("#"):
            yield value

"""The places in a resource's JSON that a search parameter's FHIRPath names, worked out once from the type definitions.

The expressions of search parameters are, but for one, plain paths with casts and simple filters. Resolved against the
element tables they become chains of JSON names, which a write can follow much faster than any interpreter of FHIRPath.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ehr.fhir.definitions import element_by_json_name, type_definition
from ehr.fhir.definitions.structures import Element

_BRANCH = re.compile(r"\((?P<inner>[^()]*(?:\([^()]*\)[^()]*)*)\)(?P<rest>.*)|(?P<plain>.*)", re.DOTALL)
_SEGMENT = re.compile(
    r"""(?:as|ofType)\((?P<cast>\w+)\)
    | where\(resolve\(\)\s+is\s+(?P<target>\w+)\)
    | where\((?P<name>\w+)\s*=\s*'(?P<value>[^']*)'\)
    | (?P<step>[A-Za-z]\w*)""",
    re.VERBOSE,
)
_CAST = re.compile(r"(.*)\s+as\s+(\w+)")


class NotPlain(ValueError):
    """The expression is more than a path with casts and filters."""


@dataclass(frozen=True, slots=True)
class Step:
    """From an object to the values of one JSON name; `only` keeps the objects whose element equals a string."""

    name: str
    only: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where values stand and what they are. `binding`: a code's value set. `target`: only references to this type."""

    steps: tuple[Step, ...]
    kind: str
    binding: str | None = None
    target: str | None = None


def places(root: str, branch: str) -> list[Place]:
    """The places within a `root` (a resource or backbone element) that one branch of an expression names.

    Raises NotPlain.
    """
    found = [Place((), root)]
    for segment in _segments(root, branch):
        found = [place for before in found for place in _follow(before, segment)]
    return found


def _segments(root: str, branch: str) -> Iterator["re.Match[str]"]:
    path = _without_casts(branch)
    first, _, rest = path.partition(".")
    if first in (root, "Resource", "DomainResource"):
        path = rest
    at = 0
    while at < len(path):
        match = _SEGMENT.match(path, at)
        if match is None or path[match.end() : match.end() + 1] not in ("", "."):
            raise NotPlain(branch)
        yield match
        at = match.end() + 1


def _without_casts(branch: str) -> str:
    """``(Observation.value as Quantity)`` as ``Observation.value.as(Quantity)``."""
    match = _BRANCH.fullmatch(branch.strip())
    if match is None:
        raise NotPlain(branch)
    inner = match.group("inner") if match.group("plain") is None else match.group("plain")
    cast = _CAST.fullmatch(inner)
    path = f"{cast.group(1)}.as({cast.group(2)})" if cast else inner
    return path + (match.group("rest") or "")


def _follow(place: Place, segment: "re.Match[str]") -> list[Place]:
    if step := segment.group("step"):
        children = _children(place.kind, step)
        return [Place((*place.steps, Step(name)), kind, element.binding) for name, element, kind in children]
    if cast := segment.group("cast"):
        wanted = "dateTime" if cast == "DateTime" else cast  # misspelt in R4's Observation-code-value-date
        return [place] if place.kind == wanted else []
    if target := segment.group("target"):
        if place.kind != "Reference":
            return []
        return [Place(place.steps, place.kind, place.binding, target)]
    last = Step(place.steps[-1].name, (segment.group("name"), segment.group("value")))
    return [Place((*place.steps[:-1], last), place.kind)]


def _children(kind: str, name: str) -> Sequence[tuple[str, Element, str]]:
    """(JSON name, element, type) of what FHIRPath calls `name`: each type of a choice, or the JSON name itself."""
    type_ = type_definition(kind)
    if type_ is None:
        return ()
    for element in type_.elements:
        if element.name == name:
            return [(json_name, element, json_kind) for json_name, json_kind in element.types.items()]
    known = element_by_json_name(kind).get(name)
    return [(name, *known)] if known else ()

"""Rules that hold for resources of several types: pure, decoded resources in, what is broken out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ehr.fhir.elements import Element, coded, element, moment, text

ENTERED_IN_ERROR = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a write would break; `expression` is the FHIRPath of the element at fault."""

    message: str
    expression: str


def error_is_final(current: Element | None, new: Element) -> Iterator[Broken]:
    """What was entered in error stays so: a record comes back by being recorded anew (FHIR R4 status definitions)."""
    if current is None:
        return
    kind = text(new.get("resourceType"))
    for name in ("status", "verificationStatus"):
        if _status(current.get(name)) == ENTERED_IN_ERROR != _status(new.get(name)):
            yield Broken(f"This {kind} was entered in error, which is final: record it anew.", f"{kind}.{name}")


def _status(value: Any) -> str:
    return text(value) or coded(value).code


def period_runs_forward(new: Element, names: Iterable[str]) -> Iterator[Broken]:
    """No period ends before it starts; per-1 of FHIR R4 leaves ends of different precision open."""
    for name in names:
        start, end = (moment(element(new.get(name)).get(end)) for end in ("start", "end"))
        if start.low is not None and end.high is not None and end.high <= start.low:
            yield Broken("The period ends before it starts.", f"{text(new.get('resourceType'))}.{name}.end")

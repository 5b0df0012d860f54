"""What validation finds."""

from dataclasses import dataclass

Place = tuple["Place", str | int] | None
"""Where a value stands: the place of its parent, and the name or position below it. Rendered only for an issue."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding: `code` is a FHIR issue-type, `expression` a FHIRPath such as ``Patient.name[0].family``."""

    code: str
    diagnostics: str
    expression: str
    severity: str = "error"


def render(place: Place) -> str:
    """The FHIRPath of a place."""
    parts: list[str] = []
    while place is not None:
        place, step = place
        parts.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "".join(reversed(parts)).removeprefix(".")

"""Whether the product's parts work, in lines for people: shown before sign-in, so never with anybody's data."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the product: `label` ("Records"), whether it works, and since when or why not (`told`)."""

    label: str
    works: bool
    told: str


_checks: list[Callable[[], Line]] = []


def register_check(check: Callable[[], Line]) -> None:
    """Called from an AppConfig.ready(). The check is quick and never raises."""
    _checks.append(check)


def lines() -> list[Line]:
    """Every registered check, run now."""
    return [check() for check in _checks]

"""What every page knows."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from ehr.lib import clock
from ehr.ui import places
from ehr.ui.appearance import Appearance
from ehr.ui.places import Holder

_holder_of: list[Callable[[HttpRequest], Holder | None]] = []


def register_holder(find: Callable[[HttpRequest], Holder | None]) -> None:
    """Says how to find who looks at a page. Called once, from the composition root."""
    if _holder_of:
        raise ValueError("it is settled already who looks at a page")
    _holder_of.append(find)


def page(request: HttpRequest) -> dict[str, Any]:
    """The health system, the person, the places open to them, and how they like the page to look."""
    person = _holder_of[0](request) if _holder_of else None
    return {
        "tenant": getattr(request, "tenant", None),
        "appearance": Appearance.of(request),
        "person": person,
        "rail": [place for place in places.rail if person and person.may(place.permission)],
        "search": next((search for search in places.searches if person and person.may(search.permission)), None),
        "now": clock.now(),
    }

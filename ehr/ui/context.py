"""What every page knows."""

from typing import Any

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """The tenant's name for the page frame."""
    return {"tenant": getattr(request, "tenant", None)}

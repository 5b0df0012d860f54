"""Every route below /api/v1 is an endpoint, is described in the OpenAPI document, and writes nothing past an action."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from ehr.access.endpoints import Endpoint
from ehr.access.role_catalogue import FUNCTIONS
from ehr.config.api import document
from tests.architecture.doors import DOORS

PREFIX = "api/v1/"
UNDESCRIBED = {"elsewhere": "every path that is none"}
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Each pattern below /api/v1 with its whole route."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif isinstance(entry, URLPattern) and route.startswith(PREFIX):
            yield route, entry


def endpoints() -> dict[str, type[Endpoint]]:
    """The classes behind the routes, by route."""
    return {route: pattern.callback.view_class for route, pattern in routes()}


def test_there_are_routes() -> None:
    assert "api/v1/imports/<path:source>/remainders/<int:number>" in endpoints()


def test_every_view_is_an_endpoint() -> None:
    assert [route for route, view in endpoints().items() if not issubclass(view, Endpoint)] == []


def test_every_route_is_described_and_nothing_else() -> None:
    described = {"/" + CONVERTER.sub(r"{\1}", route) for route, view in routes() if view.name not in UNDESCRIBED}
    assert set(document()["paths"]) == described


def test_every_route_is_a_door_of_the_matrix() -> None:
    doors = {door.pattern.removeprefix("api:") for door in DOORS if door.pattern.startswith("api:")}
    assert {pattern.name for _, pattern in routes()} == doors


def test_a_permission_is_one_that_exists_and_stands_for_people_and_programs() -> None:
    """An endpoint asks both kinds of actors for something, or neither, and audits whoever lacks it."""
    for route, view in endpoints().items():
        assert (view.permission is None) == (view.scope is None), route
        if view.permission is not None:
            assert view.permission in FUNCTIONS or re.fullmatch(r"[A-Z]\w+\.[cruds]", view.permission), route
            assert re.fullmatch(r"([A-Z]\w+|\*)\.[cruds]", view.scope or ""), route
            assert re.fullmatch(r"[a-z]+\.[a-z_]+\.[a-z_]+", view.action), route

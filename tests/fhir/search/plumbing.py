"""Putting resources into the store and searching them, as a client would see it."""

import copy
from typing import Any

from ehr.audit.actors import Actor
from ehr.fhir import actions
from ehr.fhir.admission import admit
from ehr.fhir.definitions import resource_types
from ehr.fhir.search.parse import parse
from ehr.fhir.search.search import Page, run

LIBRARIAN = Actor(
    "system",
    "search-tests",
    "Search tests",
    frozenset(f"{type_}.{verb}" for type_ in resource_types() for verb in "cud"),
)


def put(resource: dict[str, Any]) -> None:
    """Stores the resource under its id, creating or updating it."""
    actions.update_resource(actor=LIBRARIAN, id_=resource["id"], resource=admit(copy.deepcopy(resource)))


def remove(type_: str, id_: str) -> None:
    actions.delete_resource(actor=LIBRARIAN, type_=type_, id_=id_)


def search(request: str, **options: Any) -> Page:
    """Runs "Patient?name=x"."""
    type_, _, query = request.partition("?")
    return run(parse(type_, query, strict=True), **options)


def found(request: str, **options: Any) -> list[str]:
    """The ids of the matches, in order."""
    return [hit.id for hit in search(request, **options).matches]


def walked(request: str) -> list[list[str]]:
    """The ids of all pages."""
    type_, _, query = request.partition("?")
    pages, token = [], None
    while True:
        page = run(parse(type_, f"{query}&_page={token}" if token else query, strict=True))
        pages.append([hit.id for hit in page.matches])
        token = page.next
        if token is None:
            return pages

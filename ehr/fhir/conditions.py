"""Conditions: searches that stand where a resource's name would.

If-None-Exist, conditional update and delete, conditional references.
"""

from typing import Any

from ehr.audit.actors import Actor
from ehr.audit.errors import Refused
from ehr.fhir import store
from ehr.fhir.errors import BadRequest, DanglingReference, Issue, MultipleMatches
from ehr.fhir.search.parse import parse
from ehr.fhir.search.query import Query
from ehr.fhir.search.search import match_identities
from ehr.fhir.store import Stored
from ehr.lib import json
from ehr.lib.tenancy import raw_cursor


def single_match(actor: Actor, type_: str, condition: str) -> Stored | None:
    """The one resource that matches, locked, None when there is none.

    A condition tells what a search tells, so it takes the right to search. Two requests with one condition take turns
    until the first commits, so that both cannot find nothing and both create. Raises Refused, MultipleMatches,
    BadRequest for a condition that is no search.
    """
    query = _permitted(actor, type_, condition)
    if not query.criteria_count:
        raise BadRequest(Issue("required", "A condition needs at least one search parameter."))
    _take_turns(f"{type_}?{condition}")
    found = match_identities(query, 2)
    if len(found) > 1:
        raise MultipleMatches.found(f"{type_}?…")
    return store.lock(found)[found[0]] if found else None


def reference_target(actor: Actor, reference: str, expression: str) -> str:
    """ "Organization/1" for the conditional reference "Organization?identifier=…" at `expression`.

    Raises Refused, DanglingReference when nothing matches, MultipleMatches when several do.
    """
    type_, _, condition = reference.partition("?")
    found = match_identities(_permitted(actor, type_, condition), 2)
    if not found:
        raise DanglingReference([(0, expression, reference)])
    if len(found) > 1:
        raise MultipleMatches.found(reference, expression)
    return "/".join(found[0])


def content_of(stored: Stored) -> dict[str, Any]:
    """The decoded content of a resource that is not deleted."""
    if stored.content is None:
        raise ValueError(f"{stored.reference} is deleted and has no content")
    return json.decode(stored.content.encode())


def _permitted(actor: Actor, type_: str, condition: str) -> Query:
    query = parse(type_, condition, strict=True)
    for searched in sorted(query.searched_types):
        if not actor.may(f"{searched}.s"):
            raise Refused(f"{searched}.s")
    return query


def _take_turns(name: str) -> None:
    with raw_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [name])

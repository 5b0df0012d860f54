"""Searches, $everything and histories as Bundles."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.core import signing
from django.utils.dateparse import parse_datetime

from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.fhir import looks
from ehr.fhir.definitions import resource_types
from ehr.fhir.errors import BadRequest, Issue, NotFound
from ehr.fhir.history import history
from ehr.fhir.rest import responses
from ehr.fhir.search.parse import parse, parse_system
from ehr.fhir.search.query import Query
from ehr.fhir.search.search import Hit, Page, everything, run
from ehr.fhir.store import Stored
from ehr.lib import clock, ids, json

HISTORY_COUNT = 50
MAX_COUNT = 1000


def search(actor: Actor, type_: str, query_string: str, base: str, *, strict: bool) -> bytes:
    """A searchset Bundle. The audit row names what was found and the parameters asked for, not their values.

    Raises Refused when a searched type may not be searched, BadRequest for what is no search.
    """
    query = parse(type_, query_string, strict=strict, bases=(base,))
    for searched in sorted(query.searched_types):
        if not actor.may(f"{searched}.s"):
            trail.refuse_read("fhir.type.search", actor, f"{searched}.s")
    page = run(query, readable=_readable(actor, query.included_types))
    looks.note("fhir.type.search", actor, _shown(page), asked_about=looks.asked_about(query), detail={"type": type_})
    return _bundle(page, query, f"{base}/{type_}")


def search_system(actor: Actor, query_string: str, base: str, *, strict: bool) -> bytes:
    """A searchset Bundle of several types: those in ``_type``, else all that the actor may search.

    Raises Refused when a named type may not be searched, or none may, BadRequest for what is no search.
    """
    searchable = [type_ for type_ in sorted(resource_types()) if actor.may(f"{type_}.s")]
    if not searchable:
        trail.refuse_read("fhir.system.search", actor, "Resource.s")
    query = parse_system(query_string, searchable=searchable, strict=strict, bases=(base,))
    for searched in sorted(query.searched_types):
        if not actor.may(f"{searched}.s"):
            trail.refuse_read("fhir.system.search", actor, f"{searched}.s")
    page = run(query, readable=_readable(actor, query.included_types))
    looks.note("fhir.system.search", actor, _shown(page), detail={"types": len(query.types)})
    return _bundle(page, query, base)


def everything_of(actor: Actor, patient_id: str, parameters: dict[str, str], base: str) -> bytes:
    """Patient/$everything: the patient and all of the compartment that the actor may read.

    Raises BadRequest for ``start`` and ``end``: left out, they would let through what was not asked for.
    """
    for name in ("start", "end"):
        if name in parameters:
            raise BadRequest(Issue("not-supported", f"{name} is not understood here; _since is.", name))
    types = tuple(name for name in parameters.get("_type", "").split(",") if name)
    since = _instant(parameters.get("_since"), "_since")
    count = _count(parameters.get("_count"), MAX_COUNT) if "_count" in parameters else None
    if not actor.may("Patient.r"):
        trail.refuse_read("fhir.patient.everything", actor, "Patient.r", patient_id=patient_id)
    page = everything(
        patient_id,
        types=types,
        since=since,
        count=count,
        page=parameters.get("_page"),
        readable=_readable(actor, resource_types()),
    )
    if not page.matches and "_page" not in parameters and not types:
        raise NotFound.resource(f"Patient/{patient_id}")
    looks.note("fhir.patient.everything", actor, _shown(page), asked_about=[patient_id], detail={"type": "Patient"})
    link = [{"relation": "self", "url": f"{base}/Patient/{patient_id}/$everything"}]
    if page.next:
        asked = {name: value for name, value in parameters.items() if name in ("_type", "_since", "_count")}
        query = urlencode(asked | {"_page": page.next})
        link.append({"relation": "next", "url": f"{base}/Patient/{patient_id}/$everything?{query}"})
    return _searchset(page, link, base)


def history_of(actor: Actor, type_: str | None, id_: str | None, parameters: dict[str, str], base: str) -> bytes:
    """A history Bundle of a resource, a type, or all types that the actor may read, newest first."""
    types = [one for one in sorted(resource_types() if type_ is None else {type_}) if actor.may(f"{one}.r")]
    if not types:
        trail.refuse_read("fhir.history.read", actor, f"{type_ or 'Resource'}.r")
    page = history(
        actor=actor,
        types=types,
        id_=id_,
        count=_count(parameters.get("_count"), HISTORY_COUNT),
        since=_instant(parameters.get("_since"), "_since"),
        after=_after(parameters.get("_page")),
    )
    if id_ is not None and not page.versions and "_page" not in parameters and "_since" not in parameters:
        raise NotFound.resource(f"{type_}/{id_}")
    url = "/".join(part for part in (base, type_, id_, "_history") if part)
    asked = {name: value for name, value in parameters.items() if name in ("_since", "_count")}
    link = [{"relation": "self", "url": f"{url}?{urlencode(asked)}".rstrip("?")}]
    if page.following:
        stamp, key, version = page.following
        query = urlencode(asked | {"_page": signing.dumps([stamp.isoformat(), key, version])})
        link.append({"relation": "next", "url": f"{url}?{query}"})
    bundle: dict[str, Any] = {"resourceType": "Bundle", "id": ids.new_id(), "type": "history", "link": link}
    if page.versions:
        bundle["entry"] = [_history_entry(stored, base) for stored in page.versions]
    return json.encode(bundle)


def _readable(actor: Actor, types: Iterable[str]) -> frozenset[str]:
    return frozenset(type_ for type_ in types if actor.may(f"{type_}.r"))


def _shown(page: Page) -> list[Hit]:
    return [*page.matches, *page.included]


def _bundle(page: Page, query: Query, url: str) -> bytes:
    link = [{"relation": "self", "url": f"{url}?{query.self_query()}".rstrip("?")}]
    if page.next:
        link.append({"relation": "next", "url": f"{url}?{query.next_query(page.next)}"})
    return _searchset(page, link, url.removesuffix(f"/{query.type}"))


def _searchset(page: Page, link: list[dict[str, str]], base: str) -> bytes:
    bundle: dict[str, Any] = {"resourceType": "Bundle", "id": ids.new_id(), "type": "searchset"}
    if page.total is not None:
        bundle["total"] = page.total
    entries = [*_entries(page.matches, "match", base), *_entries(page.included, "include", base)]
    if page.warnings:
        entries.append({"resource": responses.outcome(page.warnings), "search": {"mode": "outcome"}})
    bundle["link"] = link
    if entries:
        bundle["entry"] = entries
    return json.encode(bundle)


def _entries(hits: Iterable[Hit], mode: str, base: str) -> list[dict[str, Any]]:
    return [
        {
            "fullUrl": f"{base}/{hit.type}/{hit.id}",
            "resource": msgspec.Raw(hit.content.encode()),
            "search": {"mode": mode},
        }
        for hit in hits
    ]


def _history_entry(stored: Stored, base: str) -> dict[str, Any]:
    first = stored.version_id == 1
    method = "DELETE" if stored.deleted else "POST" if first else "PUT"
    url = stored.type if method == "POST" else stored.reference
    entry: dict[str, Any] = {
        "fullUrl": f"{base}/{stored.reference}",
        "request": {"method": method, "url": url},
        "response": {
            "status": "204" if stored.deleted else "201" if first else "200",
            "etag": f'W/"{stored.version_id}"',
            "lastModified": clock.fhir_instant(stored.last_updated),
        },
    }
    if stored.content is not None:
        entry["resource"] = msgspec.Raw(stored.content.encode())
    return entry


def _count(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= 10**8):
        raise BadRequest(Issue("value", f"_count={text!r} is not a positive number.", "_count"))
    return min(int(text), MAX_COUNT)


def _instant(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        instant = parse_datetime(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise BadRequest(Issue("value", f"{name}={text!r} is not an instant such as 2026-11-22T08:42:00Z.", name))
    return instant


def _after(token: str | None) -> tuple[datetime, int, int] | None:
    if token is None:
        return None
    try:
        stamp, key, version = signing.loads(token)
    except signing.BadSignature as fault:
        raise BadRequest(Issue("value", "This page link was not made by this server.", "_page")) from fault
    return datetime.fromisoformat(stamp), key, version

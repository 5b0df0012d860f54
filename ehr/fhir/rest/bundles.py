"""POST [base]: batch and transaction Bundles."""

from dataclasses import dataclass
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from ehr.audit.actors import Actor
from ehr.audit.errors import Refused
from ehr.fhir import actions, bundles
from ehr.fhir.actions import Written
from ehr.fhir.admission import admit
from ehr.fhir.bundles import Entry
from ehr.fhir.errors import BadRequest, FHIRError, Issue, ScopeInsufficient
from ehr.fhir.patching import Patch
from ehr.fhir.rest import gets, interactions, requests, responses
from ehr.lib import clock, ids

REASONS = {200: "200 OK", 201: "201 Created", 204: "204 No Content", 304: "304 Not Modified"}
MAX_ENTRIES = 5_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one entry: a write, or a read's status and JSON, or a fault."""

    written: Written | None = None
    read: tuple[int, bytes] | None = None
    fault: FHIRError | None = None


def post(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Answers a Bundle of requests with a Bundle of responses, in the order of the requests."""
    bundle = requests.body_resource(request)
    if bundle.get("resourceType") != "Bundle":
        raise BadRequest(
            Issue("invalid", "POST to the base takes a Bundle; a resource goes to its type.", "resourceType")
        )
    run = {"batch": _batch, "transaction": _transaction}.get(str(bundle.get("type")))
    if run is None:
        raise BadRequest(Issue("value", "A Bundle sent to the base is of type batch or transaction.", "Bundle.type"))
    _check_size(bundle)
    entries = bundles.read_entries(bundle)
    base = requests.base_url(request)
    answers = run(actor, entries, base)
    full = requests.preference(request, "return") == "representation"
    return responses.json_response(
        {
            "resourceType": "Bundle",
            "id": ids.new_id(),
            "type": f"{bundle['type']}-response",
            "entry": [_response_entry(answers[entry.number], base, full=full) for entry in entries],
        }
    )


def _check_size(bundle: dict[str, Any]) -> None:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadRequest(Issue("structure", "Bundle.entry is an array of objects.", "Bundle.entry"))
    if len(entries) > MAX_ENTRIES:
        raise BadRequest(Issue("too-costly", f"A Bundle may hold {MAX_ENTRIES} entries here.", "Bundle.entry"))


def _transaction(actor: Actor, entries: list[Entry], base: str) -> dict[int, Answer]:
    written = bundles.run_transaction(actor=actor, entries=entries, patch=_patch_of) if entries else {}
    answers = {number: Answer(written=one) for number, one in written.items()}
    for entry in entries:
        if entry.method in ("GET", "HEAD"):
            answers[entry.number] = Answer(read=gets.get(actor, entry.url, base))
    return answers


def _batch(actor: Actor, entries: list[Entry], base: str) -> dict[int, Answer]:
    return {entry.number: _one(actor, entry, base) for entry in entries}


def _one(actor: Actor, entry: Entry, base: str) -> Answer:
    try:
        if entry.method in ("GET", "HEAD"):
            return Answer(read=gets.get(actor, entry.url, base))
        return Answer(written=_write_one(actor, entry))
    except Refused as refusal:
        return Answer(fault=ScopeInsufficient.needs(refusal.permission))
    except FHIRError as fault:
        return Answer(fault=fault)


def _write_one(actor: Actor, entry: Entry) -> Written:
    where = f"{entry.path}.resource"
    if entry.method == "DELETE":
        if entry.id is not None:
            return actions.delete_resource(actor=actor, type_=entry.type, id_=entry.id, if_match=entry.if_match)
        return actions.delete_matching(actor=actor, type_=entry.type, condition=_condition(entry))
    if entry.method == "PATCH":
        return _patch_one(actor, entry)
    resource = admit(entry.resource or {}, within=where)
    if entry.method == "POST":
        return actions.create_resource(actor=actor, resource=resource, condition=entry.if_none_exist)
    if entry.id is not None:
        return actions.update_resource(actor=actor, id_=entry.id, resource=resource, if_match=entry.if_match)
    return actions.update_matching(actor=actor, resource=resource, condition=_condition(entry), if_match=entry.if_match)


def _patch_one(actor: Actor, entry: Entry) -> Written:
    change = _patch_of(entry)
    if entry.id is not None:
        return actions.patch_resource(
            actor=actor, type_=entry.type, id_=entry.id, change=change, if_match=entry.if_match
        )
    return actions.patch_matching(
        actor=actor, type_=entry.type, condition=_condition(entry), change=change, if_match=entry.if_match
    )


def _condition(entry: Entry) -> str:
    if not entry.query:
        raise BadRequest(Issue("value", f"{entry.method} needs an id or a condition.", f"{entry.path}.request.url"))
    return entry.query


def _patch_of(entry: Entry) -> Patch:
    return interactions.patch_of(entry.resource or {}, f"{entry.path}.resource")


def _response_entry(answer: Answer, base: str, *, full: bool) -> dict[str, Any]:
    if answer.fault is not None:
        return {"response": {"status": str(answer.fault.status), "outcome": responses.outcome(answer.fault.issues)}}
    if answer.read is not None:
        status, content = answer.read
        return {"resource": msgspec.Raw(content), "response": {"status": REASONS[status]}}
    assert answer.written is not None  # noqa: S101 - an answer is one of the three
    return _written_entry(answer.written, base, full=full)


def _written_entry(written: Written, base: str, *, full: bool) -> dict[str, Any]:
    stored = written.stored
    if stored is None:
        return {"response": {"status": REASONS[204]}}
    response = {"etag": f'W/"{stored.version_id}"', "lastModified": clock.fhir_instant(stored.last_updated)}
    if stored.content is None:
        return {"response": {"status": REASONS[204], **response}}
    status = REASONS[201 if written.outcome == "created" else 200]
    entry: dict[str, Any] = {
        "fullUrl": f"{base}/{stored.reference}",
        "response": {"status": status, "location": f"{base}/{stored.versioned_reference}", **response},
    }
    if full:
        entry["resource"] = msgspec.Raw(stored.content.encode())
    return entry

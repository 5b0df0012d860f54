"""Batch and transaction Bundles (FHIR R4 http.html section 3.1.0.11): entries, and transactions written whole."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.fhir import actions, conditions, references, store
from ehr.fhir.actions import Written
from ehr.fhir.admission import ValidResource, admit
from ehr.fhir.errors import BadRequest, DanglingReference, FHIRError, Issue
from ehr.fhir.store import Change, Identity, Stored
from ehr.lib import ids

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ORDER: Mapping[str, int] = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}
TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of a Bundle. `query` is what follows the question mark of its url, None when there is none."""

    number: int
    method: Method
    url: str
    type: str
    id: str | None
    query: str | None
    resource: dict[str, Any] | None
    full_url: str | None
    if_match: str | None
    if_none_exist: str | None

    @property
    def path(self) -> str:
        """FHIRPath of the entry, for issues."""
        return f"Bundle.entry[{self.number}]"


@dataclass(frozen=True, slots=True)
class Planned:
    """A write of a transaction once its target is known. `found` is what a condition matched."""

    entry: Entry
    identity: Identity
    resource: ValidResource | None
    found: Stored | None = None
    leave: bool = False  # a conditional create or delete that has nothing to do


def read_entries(bundle: dict[str, Any]) -> list[Entry]:
    """The entries of a batch or transaction. Raises BadRequest naming every malformed request."""
    entries: list[Entry] = []
    issues: list[Issue] = []
    for number, raw in enumerate(bundle.get("entry", [])):
        try:
            entries.append(_read_entry(number, raw))
        except BadRequest as fault:
            issues.extend(fault.issues)
    if issues:
        raise BadRequest(*issues)
    return entries


def _read_entry(number: int, raw: dict[str, Any]) -> Entry:
    path = f"Bundle.entry[{number}]"
    request = raw.get("request")
    if not isinstance(request, dict):
        raise BadRequest(Issue("required", "An entry of a batch or transaction needs a request.", f"{path}.request"))
    method, url = request.get("method"), request.get("url")
    if method not in METHODS:
        raise BadRequest(Issue("code-invalid", f"{method!r} is not an HTTP verb of FHIR.", f"{path}.request.method"))
    if not isinstance(url, str):
        raise BadRequest(Issue("required", "A request needs a url.", f"{path}.request.url"))
    location, question, query = url.partition("?")
    type_, id_ = _split(location, method, f"{path}.request.url")
    resource = raw.get("resource")
    if method in ("POST", "PUT", "PATCH") and not isinstance(resource, dict):
        raise BadRequest(Issue("required", f"{method} needs a resource.", f"{path}.resource"))
    if method in ("POST", "PUT") and cast("dict[str, Any]", resource).get("resourceType") != type_:
        raise BadRequest(Issue("invalid", f"The url names {type_}, the resource is another type.", f"{path}.resource"))
    return Entry(
        number,
        method,
        url,
        type_,
        id_,
        query if question else None,
        resource,
        raw.get("fullUrl"),
        _etag(request.get("ifMatch")),
        request.get("ifNoneExist"),
    )


def _split(location: str, method: str, expression: str) -> tuple[str, str | None]:
    if method in ("GET", "HEAD"):
        return location.split("/", 1)[0], None
    parts = location.strip("/").split("/")
    if not TYPE.fullmatch(parts[0]) or len(parts) > 2 or (len(parts) == 2 and not ID.fullmatch(parts[1])):
        raise BadRequest(Issue("value", f"{location!r} is not Type or Type/id.", expression))
    if method == "POST" and len(parts) == 2:
        raise BadRequest(Issue("value", "POST creates: its url is a type without an id.", expression))
    return parts[0], parts[1] if len(parts) == 2 else None


def _etag(value: str | None) -> str | None:
    return value.removeprefix("W/").strip('"') if isinstance(value, str) else None


@action("fhir.bundle.transaction")
def run_transaction(
    *, actor: Actor, entries: Sequence[Entry], patch: Callable[[Entry], Callable[[dict[str, Any]], dict[str, Any]]]
) -> dict[int, Written]:
    """Writes all entries or none; gives what came of each by its number. GET entries are the caller's, afterwards.

    References between entries are resolved by fullUrl, conditional references by search. Raises the FHIRError of the
    first entries at fault, with expressions that name them.
    """
    writes = [entry for entry in sorted(entries, key=lambda e: ORDER[e.method]) if entry.method not in ("GET", "HEAD")]
    planned = [_plan(actor, entry) for entry in writes]
    _refuse_overlap(planned)
    current = store.lock([plan.identity for plan in planned if not plan.leave])
    planned = [_patched(plan, current.get(plan.identity), patch) for plan in planned]
    _resolve_references(actor, planned)
    changing = [plan for plan in planned if not plan.leave]
    for plan in changing:
        _check(actor, plan, current.get(plan.identity))
    written = _write(changing, current)
    if not changing:
        audit(detail={"entries": len(entries)})
    left = {plan.entry.number: Written("unchanged", plan.found) for plan in planned if plan.leave}
    return left | {plan.entry.number: one for plan, one in zip(changing, written, strict=True)}


def _plan(actor: Actor, entry: Entry) -> Planned:
    with _naming(entry.path, "request"):
        resource = (
            admit(entry.resource, within=f"{entry.path}.resource")
            if entry.resource and entry.method != "PATCH"
            else None
        )
        if entry.method == "POST":
            actions.demand(actor, entry.type, "c")
            found = conditions.single_match(actor, entry.type, entry.if_none_exist) if entry.if_none_exist else None
            if found:
                return Planned(entry, (entry.type, found.id), None, found, leave=True)
            return Planned(entry, (entry.type, ids.new_id()), resource)
        if entry.id is not None:
            return Planned(entry, (entry.type, entry.id), resource)
        return _plan_conditional(actor, entry, resource)


def _plan_conditional(actor: Actor, entry: Entry, resource: ValidResource | None) -> Planned:
    if not entry.query:
        raise BadRequest(Issue("value", f"{entry.method} needs an id or a condition.", f"{entry.path}.request.url"))
    found = conditions.single_match(actor, entry.type, entry.query)
    if found:
        return Planned(entry, (entry.type, found.id), resource, found)
    if entry.method == "DELETE":
        return Planned(entry, (entry.type, ""), None, leave=True)
    if resource is None:
        raise BadRequest(
            Issue("not-found", "Nothing matches the condition, so nothing can be patched.", f"{entry.path}.request.url")
        )
    return Planned(entry, (entry.type, resource.content.get("id") or ids.new_id()), resource)


def _refuse_overlap(planned: Sequence[Planned]) -> None:
    seen: dict[Identity, Entry] = {}
    for plan in planned:
        if plan.leave:
            continue
        if plan.identity in seen:
            first = seen[plan.identity].number
            message = (
                f"Entries {first} and {plan.entry.number} are about the same resource: a transaction changes each once."
            )
            raise BadRequest(Issue("duplicate", message, f"{plan.entry.path}.request.url"))
        seen[plan.identity] = plan.entry


def _patched(
    plan: Planned, current: Stored | None, patch: Callable[[Entry], Callable[[dict[str, Any]], dict[str, Any]]]
) -> Planned:
    if plan.entry.method != "PATCH":
        return plan
    with _naming(plan.entry.path, "resource"):
        content = conditions.content_of(actions.existing(current, *plan.identity))
        return replace(plan, resource=admit(patch(plan.entry)(content), within=f"{plan.entry.path}.resource"))


def _resolve_references(actor: Actor, planned: Sequence[Planned]) -> None:
    """Rewrites references to entries of this Bundle and conditional references into literal ones."""
    by_full_url = {plan.entry.full_url: "/".join(plan.identity) for plan in planned if plan.entry.full_url}
    by_condition: dict[str, str] = {}

    def replacement(reference: str, expression: str) -> str | None:
        if reference in by_full_url:
            return by_full_url[reference]
        if "?" not in reference or "/" in reference.split("?", 1)[0]:
            return None
        if reference not in by_condition:
            by_condition[reference] = conditions.reference_target(actor, reference, expression)
        return by_condition[reference]

    for plan in planned:
        if plan.resource is not None:
            where = f"{plan.entry.path}.resource"

            def located(reference: str, expression: str, where: str = where) -> str | None:
                return replacement(reference, where + "." + expression.partition(".")[2])

            references.rewrite(plan.resource.content, located)


def _check(actor: Actor, plan: Planned, current: Stored | None) -> None:
    with _naming(plan.entry.path, "request"):
        if plan.entry.method == "DELETE":
            actions.demand(actor, plan.entry.type, "d")
            if current is None:
                actions.existing(current, *plan.identity)
        elif plan.entry.method in ("PUT", "PATCH"):
            actions.demand(actor, plan.entry.type, "u" if current else "c")
        actions.check_version(current, "/".join(plan.identity), plan.entry.if_match)


def _write(changing: Sequence[Planned], current: Mapping[Identity, Stored]) -> list[Written]:
    changes = [Change(*plan.identity, plan.resource, current.get(plan.identity)) for plan in changing]
    if not changes:
        return []
    try:
        return actions.write(changes)
    except DanglingReference as fault:
        raise fault.within([f"{plan.entry.path}.resource" for plan in changing]) from fault


class _naming:  # noqa: N801 - reads as a word in `with`
    """Within this block a FHIRError without an expression gets that of the entry's element."""

    def __init__(self, path: str, element: str) -> None:
        self.expression = f"{path}.{element}"

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, traceback: object) -> None:
        if isinstance(fault, FHIRError):
            fault.issues = tuple(
                issue if issue.expression else replace(issue, expression=self.expression) for issue in fault.issues
            )

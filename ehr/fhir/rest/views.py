"""The door to /fhir/R4: authenticates, finds the interaction, and turns every fault into an OperationOutcome."""

import logging
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from ehr.access.bearer import authenticate_bearer
from ehr.access.discovery import smart_configuration as smart_content
from ehr.access.errors import Unauthenticated
from ehr.audit.actors import Actor
from ehr.audit.context import correlation_id
from ehr.audit.errors import Refused
from ehr.fhir import idempotency
from ehr.fhir.admission import faults_of
from ehr.fhir.definitions import resource_types
from ehr.fhir.errors import (
    BadRequest,
    FHIRError,
    Issue,
    MethodNotAllowed,
    NotFound,
    ScopeInsufficient,
    UnsupportedMedia,
)
from ehr.fhir.idempotency import Answer
from ehr.fhir.rest import bundles, interactions, requests, responses, searches
from ehr.fhir.rest.capability import capability_statement

log = logging.getLogger(__name__)

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
FORM = "application/x-www-form-urlencoded"
MAX_KEY = 255

Handler = Callable[[HttpRequest, Actor], HttpResponse]


def metadata(request: HttpRequest) -> HttpResponse:
    """GET [base]/metadata: what this server does, generated from what is registered. Open to all."""
    return _guarded(request, lambda: responses.json_response(capability_statement(requests.base_url(request))), "GET")


def smart_configuration(request: HttpRequest) -> HttpResponse:
    """GET [base]/.well-known/smart-configuration. Open to all."""
    return _guarded(
        request, lambda: responses.plain_json(smart_content(f"{request.scheme}://{request.META['HTTP_HOST']}")), "GET"
    )


def dispatch(request: HttpRequest, path: str = "") -> HttpResponse:
    """Every other FHIR request."""

    def answer() -> HttpResponse:
        requests.check_accept(request)
        handler = _route(request.method or "", path.strip("/").split("/") if path.strip("/") else [])
        actor = authenticate_bearer(request.META.get("HTTP_AUTHORIZATION"))
        return _perform(request, actor, handler)

    return _guarded(request, answer)


def _route(method: str, parts: list[str]) -> Handler:
    """The interaction that this verb and path name. Raises NotFound, MethodNotAllowed."""
    handlers = _of_the_system(parts)
    if not handlers and parts[0] not in resource_types():
        raise NotFound(Issue("not-supported", f"{parts[0]!r} is not a resource type of FHIR R4."))
    if len(parts) > 1 and not parts[1].startswith(("_", "$")) and not ID.fullmatch(parts[1]):
        raise BadRequest(Issue("value", f"{parts[1][:80]!r} is not a FHIR id.", f"{parts[0]}.id"))
    handlers = handlers or _of_resources(parts)
    if not handlers:
        raise NotFound(Issue("not-supported", f"There is nothing at /{'/'.join(parts)}."))
    handler = handlers.get("GET" if method == "HEAD" else method)
    if handler is None:
        raise MethodNotAllowed(
            Issue("not-supported", f"{method} is not an interaction here; {', '.join(sorted(handlers))} are.")
        )
    return handler


def _of_the_system(parts: list[str]) -> dict[str, Handler]:
    """What can be asked of the whole system, whose paths begin with no type."""
    match parts:
        case []:
            return {
                "GET": lambda request, actor: _search(request, actor, None, request.META.get("QUERY_STRING", "")),
                "POST": bundles.post,
            }
        case ["_search"]:
            return {"POST": lambda request, actor: _search_by_form(request, actor, None)}
        case ["_history"]:
            return {"GET": lambda request, actor: _history(request, actor, None, None)}
    return {}


def _of_resources(parts: list[str]) -> dict[str, Handler]:  # noqa: PLR0911 - one return a route
    match parts:
        case [type_]:
            return {
                "GET": lambda request, actor: _search(request, actor, type_, request.META.get("QUERY_STRING", "")),
                "POST": lambda request, actor: interactions.create(request, actor, type_),
                "PUT": lambda request, actor: interactions.update_conditionally(request, actor, type_),
                "PATCH": lambda request, actor: interactions.patch_conditionally(request, actor, type_),
                "DELETE": lambda request, actor: interactions.delete_conditionally(request, actor, type_),
            }
        case [type_, "_search"]:
            return {"POST": lambda request, actor: _search_by_form(request, actor, type_)}
        case [type_, "_history"]:
            return {"GET": lambda request, actor: _history(request, actor, type_, None)}
        case [type_, "$validate"] | [type_, _, "$validate"]:
            return {"POST": lambda request, actor: _validate(request, actor, type_)}
        case ["Patient", id_, "$everything"]:
            return {
                "GET": lambda request, actor: _everything(request, actor, id_, request.GET.dict()),
                "POST": lambda request, actor: _everything(request, actor, id_, _everything_parameters(request)),
            }
        case [type_, id_] if not id_.startswith(("_", "$")):
            return {
                "GET": lambda request, actor: interactions.read(request, actor, type_, id_),
                "PUT": lambda request, actor: interactions.update(request, actor, type_, id_),
                "PATCH": lambda request, actor: interactions.patch(request, actor, type_, id_),
                "DELETE": lambda request, actor: interactions.delete(request, actor, type_, id_),
            }
        case [type_, id_, "_history"]:
            return {"GET": lambda request, actor: _history(request, actor, type_, id_)}
        case [type_, id_, "_history", version]:
            return {"GET": lambda request, actor: interactions.vread(request, actor, type_, id_, version)}
    return {}


def _perform(request: HttpRequest, actor: Actor, handler: Handler) -> HttpResponse:
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None or request.method in ("GET", "HEAD"):
        return handler(request, actor)
    if not 0 < len(key) <= MAX_KEY:
        raise BadRequest(Issue("value", f"An Idempotency-Key has 1 to {MAX_KEY} characters."))
    body = requests.body_bytes(request, *requests.JSON_TYPES, requests.PATCH_TYPE, requests.MERGE_PATCH_TYPE)
    identity = f"{request.method} {request.get_full_path()}\n".encode() + body

    def perform() -> Answer:
        response = handler(request, actor)
        return Answer(
            response.status_code, response.get("Location", ""), response.get("ETag", ""), response.content.decode()
        )

    answer = idempotency.once(actor=actor, key=key, request=identity, perform=perform)
    response = HttpResponse(answer.body, status=answer.status, content_type=responses.FHIR_JSON)
    for name, value in (("Location", answer.location), ("ETag", answer.etag)):
        if value:
            response[name] = value
    return response


def _search(request: HttpRequest, actor: Actor, type_: str | None, query: str) -> HttpResponse:
    strict, base = requests.preference(request, "handling") == "strict", requests.base_url(request)
    if type_ is None:
        found = searches.search_system(actor, query, base, strict=strict)
    else:
        found = searches.search(actor, type_, query, base, strict=strict)
    return HttpResponse(found, content_type=responses.FHIR_JSON)


def _search_by_form(request: HttpRequest, actor: Actor, type_: str | None) -> HttpResponse:
    form = requests.body_bytes(request, FORM)
    if (request.content_type or "").lower() != FORM:
        raise UnsupportedMedia(Issue("not-supported", f"A search by POST is sent as {FORM}."))
    try:
        text = form.decode()
    except UnicodeDecodeError as fault:
        raise BadRequest(Issue("structure", "The form is not UTF-8.")) from fault
    joined = "&".join(part for part in (request.META.get("QUERY_STRING", ""), text) if part)
    return _search(request, actor, type_, joined)


def _history(request: HttpRequest, actor: Actor, type_: str | None, id_: str | None) -> HttpResponse:
    found = searches.history_of(actor, type_, id_, request.GET.dict(), requests.base_url(request))
    return HttpResponse(found, content_type=responses.FHIR_JSON)


def _everything(request: HttpRequest, actor: Actor, id_: str, parameters: dict[str, str]) -> HttpResponse:
    found = searches.everything_of(actor, id_, parameters, requests.base_url(request))
    return HttpResponse(found, content_type=responses.FHIR_JSON)


def _everything_parameters(request: HttpRequest) -> dict[str, str]:
    """What a Parameters resource says, as a URL would; ``_type`` may be repeated."""
    if not requests.body_bytes(request, *requests.JSON_TYPES).strip():
        return {}
    said: dict[str, str] = {}
    for parameter in _parameters(requests.body_resource(request)):
        name, values = str(parameter.get("name")), [parameter[key] for key in parameter if key.startswith("value")]
        said[name] = ",".join(str(value) for value in ([said[name]] if name in said else []) + values)
    return said


def _validate(request: HttpRequest, actor: Actor, type_: str) -> HttpResponse:
    """POST [base]/Type/$validate: the resource in the body, or Parameters with a `resource` and maybe a `profile`."""
    if not actor.may(f"{type_}.r"):
        raise Refused(f"{type_}.r")
    resource = requests.body_resource(request)
    unchecked: list[Issue] = []
    if resource.get("resourceType") == "Parameters" and type_ != "Parameters":
        said = {str(parameter.get("name")): parameter for parameter in _parameters(resource)}
        resource = _resource_in(said)
        if "profile" in said:
            resource = _claiming(resource, said["profile"])
        unchecked = [_not_checked(name) for name in sorted(said.keys() - {"resource", "profile"})]
    issues = [*faults_of(resource, type_), *unchecked]
    return responses.json_response(
        responses.outcome(issues or [Issue("informational", "The resource is valid.", severity="information")])
    )


def _not_checked(name: str) -> Issue:
    message = f"NOT CHECKED: the parameter {name!r} was not taken into account."
    return Issue("informational", message, "Parameters.parameter", severity="warning")


def _parameters(resource: dict[str, Any]) -> list[dict[str, Any]]:
    found = resource.get("parameter", [])
    if resource.get("resourceType") != "Parameters" or not isinstance(found, list):
        raise BadRequest(Issue("structure", "A Parameters resource is expected.", "Parameters.parameter"))
    return [parameter for parameter in found if isinstance(parameter, dict)]


def _resource_in(said: dict[str, dict[str, Any]]) -> dict[str, Any]:
    resource = said.get("resource", {}).get("resource")
    if not isinstance(resource, dict):
        raise BadRequest(Issue("required", "The parameter 'resource' is missing.", "Parameters.parameter"))
    return resource


def _claiming(resource: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    """The resource as if it claimed the profile too."""
    profile = parameter.get("valueUri", parameter.get("valueCanonical"))
    if not isinstance(profile, str):
        raise BadRequest(Issue("value", "The parameter 'profile' is a canonical.", "Parameters.parameter"))
    meta = resource.get("meta", {})
    claimed = meta.get("profile", []) if isinstance(meta, dict) else None
    if not isinstance(claimed, list):
        return resource  # which is what will be found wrong with it
    return {**resource, "meta": {**meta, "profile": [*claimed, profile]}}


def _guarded(  # noqa: PLR0911 - one return a fault
    request: HttpRequest, answer: Callable[[], HttpResponse], *methods: str
) -> HttpResponse:
    """Runs `answer`; every fault becomes an OperationOutcome.

    What nobody foresaw is logged by correlation id, without data.
    """
    try:
        if methods and request.method not in (*methods, "HEAD"):
            raise MethodNotAllowed(Issue("not-supported", f"{request.method} is not an interaction here."))  # noqa: TRY301 - one place makes outcomes
        return answer()
    except Unauthenticated as refusal:
        response = responses.json_response(responses.outcome([Issue("login", refusal.description)]), status=401)
        response["WWW-Authenticate"] = refusal.challenge()
        return response
    except Refused as refusal:
        return responses.error_response(ScopeInsufficient.needs(refusal.permission))
    except FHIRError as fault:
        return responses.error_response(fault)
    except TooManyFieldsSent:
        issue = Issue("too-costly", f"A request has at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} parameters.")
        return responses.error_response(BadRequest(issue))
    except OperationalError:
        log.exception("database unavailable, correlation %s", correlation_id())
        # The connection may have been lost after the commit was sent, so a write may have been done.
        known = "Try again." if request.method in ("GET", "HEAD") else "Look, or repeat it under its Idempotency-Key."
        issue = Issue("transient", f"The record store cannot be reached just now. {known}")
        response = responses.json_response(responses.outcome([issue]), status=503)
        response["Retry-After"] = "2"
        return response
    except Exception:  # the last boundary: a defect still answers in FHIR's form, and says nothing of the data
        log.exception("unforeseen fault, correlation %s", correlation_id())
        issue = Issue(
            "exception",
            f"An unforeseen fault, reported under {correlation_id()}; nothing was changed.",
            severity="fatal",
        )
        return responses.json_response(responses.outcome([issue]), status=500)

"""The RESTful interactions on a resource, a version and a type (FHIR R4 http.html)."""

import base64
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_http_date_safe

from ehr.audit.actors import Actor
from ehr.fhir import actions, reading
from ehr.fhir.admission import admit
from ehr.fhir.errors import BadRequest, Issue, NotFound
from ehr.fhir.patching import Patch, fhirpath_patch, json_patch, merge_patch
from ehr.fhir.rest import requests, responses


def read(request: HttpRequest, actor: Actor, type_: str, id_: str) -> HttpResponse:
    """GET [base]/Type/id, with conditional read."""
    stored = reading.read(actor=actor, type_=type_, id_=id_)
    if _is_fresh(request, stored.version_id, stored.last_updated):
        return responses.with_version(HttpResponseNotModified(), stored)
    return responses.resource_response(stored)


def vread(request: HttpRequest, actor: Actor, type_: str, id_: str, version: str) -> HttpResponse:  # noqa: ARG001 - one signature for all
    """GET [base]/Type/id/_history/version."""
    if not version.isascii() or not version.isdigit() or len(version) > 9:
        raise NotFound.resource(f"{type_}/{id_}/_history/{version}")
    return responses.resource_response(reading.read_version(actor=actor, type_=type_, id_=id_, version_id=int(version)))


def create(request: HttpRequest, actor: Actor, type_: str) -> HttpResponse:
    """POST [base]/Type, with conditional create."""
    resource = _of_type(requests.body_resource(request), type_)
    resource.pop("id", None)
    condition = requests.condition_of_create(request)
    written = actions.create_resource(actor=actor, resource=admit(resource), condition=condition)
    return responses.written_response(request, written)


def update(request: HttpRequest, actor: Actor, type_: str, id_: str) -> HttpResponse:
    """PUT [base]/Type/id."""
    resource = _of_type(requests.body_resource(request), type_)
    if resource.get("id") != id_:
        raise BadRequest(Issue("invalid", f"The body's id must be {id_}, as in the URL.", f"{type_}.id"))
    written = actions.update_resource(
        actor=actor, id_=id_, resource=admit(resource), if_match=requests.if_match(request)
    )
    return responses.written_response(request, written)


def update_conditionally(request: HttpRequest, actor: Actor, type_: str) -> HttpResponse:
    """PUT [base]/Type?condition."""
    resource = admit(_of_type(requests.body_resource(request), type_))
    written = actions.update_matching(
        actor=actor, resource=resource, condition=_condition(request), if_match=requests.if_match(request)
    )
    return responses.written_response(request, written)


def patch(request: HttpRequest, actor: Actor, type_: str, id_: str) -> HttpResponse:
    """PATCH [base]/Type/id with a FHIRPath Patch, a JSON Patch or a JSON Merge Patch."""
    written = actions.patch_resource(
        actor=actor, type_=type_, id_=id_, change=_patch(request), if_match=requests.if_match(request)
    )
    return responses.written_response(request, written)


def patch_conditionally(request: HttpRequest, actor: Actor, type_: str) -> HttpResponse:
    """PATCH [base]/Type?condition, of the one match."""
    written = actions.patch_matching(
        actor=actor,
        type_=type_,
        condition=_condition(request),
        change=_patch(request),
        if_match=requests.if_match(request),
    )
    return responses.written_response(request, written)


def delete(request: HttpRequest, actor: Actor, type_: str, id_: str) -> HttpResponse:
    """DELETE [base]/Type/id."""
    written = actions.delete_resource(actor=actor, type_=type_, id_=id_, if_match=requests.if_match(request))
    return responses.written_response(request, written)


def delete_conditionally(request: HttpRequest, actor: Actor, type_: str) -> HttpResponse:
    """DELETE [base]/Type?condition, for one match at most."""
    written = actions.delete_matching(actor=actor, type_=type_, condition=_condition(request))
    return responses.written_response(request, written)


def patch_of(resource: dict[str, Any], expression: str) -> Patch:
    """The patch that a Bundle's entry carries: a JSON Patch as a Binary, a FHIRPath Patch as Parameters.

    Raises BadRequest.
    """
    if resource.get("resourceType") == "Parameters":
        return fhirpath_patch(resource, expression)
    if resource.get("resourceType") != "Binary" or resource.get("contentType") != requests.PATCH_TYPE:
        message = f"A patch in a Bundle is Parameters, or a Binary of {requests.PATCH_TYPE}."
        raise BadRequest(Issue("invalid", message, expression))
    try:
        data = base64.b64decode(str(resource.get("data", "")), validate=True)
    except ValueError as fault:
        raise BadRequest(Issue("value", "The data is not base64.", f"{expression}.data")) from fault
    return json_patch(requests.decoded_value(data))


def _patch(request: HttpRequest) -> Patch:
    data = requests.body_bytes(request, requests.PATCH_TYPE, requests.MERGE_PATCH_TYPE, *requests.JSON_TYPES)
    body = requests.decoded_value(data)
    if request.content_type in ("", requests.PATCH_TYPE):
        return json_patch(body)
    if isinstance(body, dict) and body.get("resourceType") == "Parameters":
        return fhirpath_patch(body)
    if request.content_type == "application/fhir+json":
        raise BadRequest(Issue("invalid", "A patch in FHIR's own form is a Parameters resource.", "resourceType"))
    return merge_patch(body)  # fhirpy sends one as application/json


def _of_type(resource: dict[str, Any], type_: str) -> dict[str, Any]:
    if resource.get("resourceType") != type_:
        raise BadRequest(
            Issue("invalid", f"The URL names {type_}, the body is {resource.get('resourceType')!r}.", "resourceType")
        )
    return resource


def _condition(request: HttpRequest) -> str:
    condition: str = request.META.get("QUERY_STRING", "")
    if not condition:
        raise BadRequest(Issue("required", "Without an id this needs a condition in the URL."))
    return condition


def _is_fresh(request: HttpRequest, version_id: int, last_updated: datetime) -> bool:
    expected = requests.if_none_match(request)
    if expected is not None:
        return expected == str(version_id)
    since = parse_http_date_safe(request.META.get("HTTP_IF_MODIFIED_SINCE", ""))
    return since is not None and last_updated.replace(microsecond=0) <= datetime.fromtimestamp(since, UTC)

"""Responses in FHIR's form."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from ehr.fhir.actions import Written
from ehr.fhir.errors import FHIRError, Issue
from ehr.fhir.rest import requests
from ehr.fhir.store import Stored
from ehr.lib import json

FHIR_JSON = "application/fhir+json; charset=utf-8"


def resource_response(stored: Stored, *, status: int = 200) -> HttpResponse:
    """The resource as it stands, with its version and time in the headers."""
    return with_version(HttpResponse(stored.content, content_type=FHIR_JSON, status=status), stored)


def json_response(resource: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Any resource that the server itself makes."""
    return HttpResponse(json.encode(resource), content_type=FHIR_JSON, status=status)


def plain_json(value: dict[str, Any]) -> HttpResponse:
    """JSON that is no FHIR resource."""
    return HttpResponse(json.encode(value), content_type="application/json")


def with_version(response: HttpResponse, stored: Stored) -> HttpResponse:
    """Adds ETag and Last-Modified."""
    response["ETag"] = f'W/"{stored.version_id}"'
    response["Last-Modified"] = http_date(stored.last_updated.timestamp())
    return response


def written_response(request: HttpRequest, written: Written) -> HttpResponse:
    """What came of a write: 201 with Location, 200, or 204; the body as the client prefers."""
    stored = written.stored
    if stored is None or stored.deleted:
        response = HttpResponse(status=204)
        return with_version(response, stored) if stored else response
    status = 201 if written.outcome == "created" else 200
    wanted = requests.preference(request, "return")
    if wanted == "minimal":
        response = with_version(HttpResponse(status=status, content_type=FHIR_JSON), stored)
    elif wanted == "operationoutcome":
        response = with_version(
            json_response(outcome([Issue("informational", written.outcome, severity="information")]), status=status),
            stored,
        )
    else:
        response = resource_response(stored, status=status)
    response["Location"] = f"{requests.base_url(request)}/{stored.versioned_reference}"
    return response


def error_response(fault: FHIRError) -> HttpResponse:
    """The fault as an OperationOutcome under its HTTP status."""
    return json_response(outcome(fault.issues), status=fault.status)


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """An OperationOutcome."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(issue) for issue in issues]}


def _issue(issue: Issue) -> dict[str, Any]:
    content: dict[str, Any] = {"severity": issue.severity, "code": issue.code, "diagnostics": issue.diagnostics}
    if issue.expression:
        content["expression"] = [issue.expression]
    return content

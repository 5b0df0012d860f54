"""Every fault below /api/v1 as a problem (RFC 9457): what is wrong, with which parameter, under which id it is kept."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.db import OperationalError
from django.http import Http404
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response

from ehr.access.endpoints.rendering import JSON
from ehr.access.errors import Unauthenticated
from ehr.audit.context import correlation_id
from ehr.audit.errors import Refused

MEDIA_TYPE = "application/problem+json"
REALM = "EHR"

log = logging.getLogger(__name__)


class ParameterFault(serializers.Serializer[Any]):
    """What is wrong with one parameter of the query string."""

    parameter = serializers.CharField(help_text="The parameter's name.")
    detail = serializers.CharField(help_text="What is wrong with it.")


class Problem(serializers.Serializer[Any]):
    """A fault (RFC 9457). It never quotes a patient's data."""

    type = serializers.CharField(help_text="Always `about:blank`: `title` is the phrase of the status.")
    title = serializers.CharField(help_text="The phrase of the status (RFC 9110 section 15).")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="What is wrong, for people.")
    instance = serializers.CharField(
        help_text="`urn:uuid:` and the id of this request, which X-Request-ID, the audit trail and the logs hold too."
    )
    errors = ParameterFault(  # type: ignore[assignment] # fields are taken off the class by its metaclass
        many=True, required=False, help_text="With status 400: each parameter that is wrong."
    )


def problem_response(fault: Exception, context: dict[str, Any]) -> Response:
    """The answer to a fault. What nobody foresaw is logged by correlation id, without its text."""
    response = _answer(fault)
    response.content_type = MEDIA_TYPE
    request = context["request"]
    request.accepted_renderer, request.accepted_media_type = JSON(), MEDIA_TYPE
    return response


def _answer(fault: Exception) -> Response:  # noqa: PLR0911 - one return a kind of fault
    match fault:
        case Unauthenticated():
            return _problem(401, fault.description, {"WWW-Authenticate": fault.challenge(REALM)})
        case Refused():
            return _problem(403, f"This needs the permission {fault.permission}.")
        case ValidationError():
            errors = list(_faults(fault.detail))
            return _problem(400, "The question cannot be answered as it was asked.", errors=errors)
        case Http404():
            return _problem(404, "There is nothing here.")
        case APIException():
            return _problem(fault.status_code, str(fault.detail))
        case OperationalError():
            log.error("database unavailable, correlation %s", correlation_id(), exc_info=fault)
            return _problem(503, "The records cannot be reached just now. Try again.", {"Retry-After": "2"})
    log.error("unforeseen fault, correlation %s", correlation_id(), exc_info=fault)
    return _problem(500, f"An unforeseen fault, reported under {correlation_id()}.")


def _faults(detail: Any) -> Iterator[dict[str, str]]:
    for parameter, texts in detail.items():
        for text in texts:
            yield {"parameter": parameter, "detail": str(text)}


def _problem(
    status: int, detail: str, headers: dict[str, str] | None = None, *, errors: list[dict[str, str]] | None = None
) -> Response:
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": f"urn:uuid:{correlation_id()}",
    }
    if errors:
        content["errors"] = errors
    return Response(content, status=status, headers=headers)

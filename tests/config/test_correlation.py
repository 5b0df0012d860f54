"""One id ties a request to everything it causes."""

import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from ehr.audit.context import correlation_id
from ehr.config.middleware import CorrelationMiddleware

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
GIVEN = "0e1b0e4e-6d3c-4a4e-9c8e-2f1f6f7c9a10"


def _says_its_id(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(correlation_id()))


def _ask(rf: RequestFactory, **headers: str) -> tuple[str, str]:
    response = CorrelationMiddleware(_says_its_id)(rf.get("/", headers=headers))
    return response.content.decode(), response["X-Request-ID"]


def test_clients_id_is_kept(rf: RequestFactory) -> None:
    assert _ask(rf, x_request_id=GIVEN) == (GIVEN, GIVEN)


@pytest.mark.parametrize("junk", ["", "1", "not-a-uuid", GIVEN + "x", "Okafor, Margaret"])
def test_anything_else_gets_a_new_one(rf: RequestFactory, junk: str) -> None:
    inside, answered = _ask(rf, x_request_id=junk)
    assert inside == answered
    assert UUID7.fullmatch(answered)


def test_two_requests_have_two_ids(rf: RequestFactory) -> None:
    assert _ask(rf) != _ask(rf)

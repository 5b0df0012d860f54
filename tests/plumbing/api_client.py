"""Client systems at /api/v1, for tests."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from ehr.lib import json
from tests.plumbing.fhir_client import registered

PROBLEM = "application/problem+json"


def system(scope: str, *, host: str = "testserver") -> Client:
    """A client system of the current tenant with a token for this scope from the real endpoint."""
    token = registered(f"system for {scope}", scope=scope, host=host).token
    return Client(headers={"host": host, "authorization": f"Bearer {token}"})


def problem(answer: HttpResponse) -> dict[str, Any]:
    """The members of a problem (RFC 9457) but `instance`, which is checked here."""
    assert answer["Content-Type"] == PROBLEM, answer.content
    content = json.decode(answer.content)
    assert content.pop("instance") == f"urn:uuid:{answer['X-Request-ID']}"
    return content


def refusal(status: int, title: str, detail: str, *faults: tuple[str, str]) -> dict[str, Any]:
    """The problem that is expected, with (parameter, detail) of each fault."""
    content: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    errors = [{"parameter": parameter, "detail": text} for parameter, text in faults]
    return content | ({"errors": errors} if errors else {})


def wrong(*faults: tuple[str, str]) -> dict[str, Any]:
    """The problem of a question that cannot be answered."""
    return refusal(400, "Bad Request", "The question cannot be answered as it was asked.", *faults)

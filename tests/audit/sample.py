"""Small actions and a small Record to try the machinery with."""

from collections.abc import Callable
from typing import Any, TypeVar

from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.audit.models import AuditEvent
from ehr.fhir.models import IdempotentRequest
from ehr.lib import clock

R = TypeVar("R")

ADLER = Actor(kind="user", id="adler", name="Dr. A. Adler")
BELL = Actor(kind="user", id="bell", name="B. Bell, RN", on_behalf_of="adler")


@action("test.outer")
def outer(body: Callable[[], R], *, actor: Actor, reason: str | None = None) -> R:
    """Does what it is told, then audits."""
    result = body()
    audit()
    return result


@action("test.inner")
def inner(body: Callable[[], R], *, actor: Actor, reason: str | None = None) -> R:
    """The same under another name, to be called within an action."""
    result = body()
    audit()
    return result


@action("test.silent")
def silent(body: Callable[[], R], *, actor: Actor) -> R:
    """Forgets to audit."""
    return body()


def request_row(key: str) -> IdempotentRequest:
    """An unsaved row of a guarded table."""
    return IdempotentRequest(
        client_id="client",
        idempotency_key=key,
        digest=b"",
        status=201,
        location="",
        etag="",
        body="",
        created_at=clock.now(),
    )


def keep(key: str) -> IdempotentRequest:
    """Saves a row of a guarded table."""
    row = request_row(key)
    row.save()
    return row


def kept() -> list[str]:
    """The keys of the rows that are there."""
    return list(IdempotentRequest.objects.order_by("idempotency_key").values_list("idempotency_key", flat=True))


def trail(*fields: str) -> list[Any]:
    """The audit trail, oldest first: the fields asked for, one value or a tuple per row."""
    return list(AuditEvent.objects.order_by("id").values_list(*fields, flat=len(fields) == 1))

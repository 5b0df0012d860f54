"""Writes that a client may repeat: the second time under one Idempotency-Key gets the first one's answer."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.fhir.errors import Issue, RequestReused
from ehr.fhir.models import IdempotentRequest
from ehr.lib import clock
from ehr.lib.tenancy import raw_cursor


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client got, or gets again."""

    status: int
    location: str
    etag: str
    body: str


@action("fhir.request.once")
def once(*, actor: Actor, key: str, request: bytes, perform: Callable[[], Answer]) -> Answer:
    """The answer of `perform`, which runs only the first time this client uses this key.

    `request` is what makes the request this one (verb, URL, body). Raises RequestReused when the key came with another.
    """
    digest = hashlib.sha256(request).digest()
    _one_at_a_time(f"{actor.id} {key}")
    earlier = IdempotentRequest.objects.filter(client_id=actor.id, idempotency_key=key).first()
    if earlier is not None:
        if bytes(earlier.digest) != digest:
            raise RequestReused(Issue("business-rule", "This Idempotency-Key was used for another request."))
        audit(detail={"outcome": "repeated"})
        return Answer(earlier.status, earlier.location, earlier.etag, earlier.body)
    answer = perform()
    IdempotentRequest.objects.create(
        client_id=actor.id,
        idempotency_key=key,
        digest=digest,
        created_at=clock.now(),
        status=answer.status,
        location=answer.location,
        etag=answer.etag,
        body=answer.body,
    )
    audit(detail={"outcome": "performed"})
    return answer


def _one_at_a_time(name: str) -> None:
    with raw_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])

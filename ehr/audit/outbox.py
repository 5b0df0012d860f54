"""Delivers what `publish` wrote: each message to its consumer, its effect in the database exactly once."""

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from ehr.audit import trail
from ehr.audit.context import correlated
from ehr.audit.errors import Refused, without_text
from ehr.audit.events import consumers
from ehr.lib import tenancy

LEASE = 30.0  # seconds
BATCH = 20
LONGEST_PAUSE = 3600.0  # seconds between two tries
KEPT = 30 * 86_400.0  # seconds for which done messages stay, for whoever asks what happened

logger = logging.getLogger(__name__)


class LeaseLost(RuntimeError):
    """Another process has taken the message since; what was done for it is rolled back."""


class UnknownConsumer(LookupError):
    """The message is for a consumer that this version of the program does not have."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message under lease. Only the holder of the newest fence may finish or postpone it."""

    id: int
    consumer: str
    payload: bytes
    correlation_id: UUID
    fence: int
    attempts: int


def drain(queue: str) -> int:
    """Delivers all that is due in a queue of the current tenant; how many messages were done."""
    done = 0
    while batch := lease(queue):
        done += sum(_delivered(message) for message in batch)
    return done


def sweep() -> int:
    """Drains every queue of the current tenant that has something due: for wake-ups that were lost."""
    with tenancy.connection().cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT queue FROM audit_outbox WHERE {_DUE} ORDER BY queue")
        queues = [queue for (queue,) in cursor.fetchall()]
    return sum(drain(queue) for queue in queues)


def lease(queue: str, *, limit: int = BATCH) -> list[Message]:
    """Takes up to `limit` due messages for LEASE, oldest first, each under a new fence."""
    with tenancy.connection().cursor() as cursor:
        cursor.execute(
            f"""WITH taken AS (
                UPDATE audit_outbox
                SET fence = nextval('audit_outbox_fence'), attempts = attempts + 1,
                    leased_until = statement_timestamp() + make_interval(secs => %s)
                WHERE id IN (
                    SELECT id FROM audit_outbox WHERE queue = %s AND {_DUE}
                    ORDER BY available_at, id LIMIT %s FOR UPDATE SKIP LOCKED
                )
                RETURNING id, consumer, payload::text, correlation_id, fence, attempts
            ) SELECT * FROM taken ORDER BY id""",
            [LEASE, queue, limit],
        )
        return [
            Message(number, consumer, payload.encode(), correlation_id, fence, attempts)
            for number, consumer, payload, correlation_id, fence, attempts in cursor.fetchall()
        ]


def deliver(message: Message) -> None:
    """Runs the consumer and marks the message done, in one transaction. Raises LeaseLost and what the consumer raises.

    It is marked first: that locks the row, so that nobody else can take it while a slow consumer outlives its lease.
    """
    with transaction.atomic(using=tenancy.current_tenant()), correlated(message.correlation_id):
        _finish(message)
        consumer = consumers.get(message.consumer)
        if consumer is None:
            raise UnknownConsumer(message.consumer)
        consumer.function(msgspec.json.decode(message.payload, type=consumer.event))


def forget_done() -> int:
    """Deletes messages that were done more than KEPT ago; how many."""
    with tenancy.connection().cursor() as cursor:
        cursor.execute(
            "DELETE FROM audit_outbox WHERE done_at < statement_timestamp() - make_interval(secs => %s)", [KEPT]
        )
        return int(cursor.rowcount)


_DUE = """done_at IS NULL AND available_at <= statement_timestamp()
    AND (leased_until IS NULL OR leased_until <= statement_timestamp())"""


def _delivered(message: Message) -> bool:
    """Delivers; True when done. One message that fails is postponed and holds up no other."""
    try:
        deliver(message)
    except LeaseLost:
        logger.warning("outbox message %d of %s: the lease was lost", message.id, message.consumer)
        return False
    except Exception as fault:  # noqa: BLE001 - whatever a consumer raises, the message is kept and tried again
        if isinstance(fault, Refused) and fault.attempt is not None:
            with correlated(message.correlation_id):
                trail.write_refusals([fault])  # the row that the action wrote went with the transaction
        _postpone(message, fault)
        return False
    return True


def _finish(message: Message) -> None:
    if not _updated("done_at = statement_timestamp(), leased_until = NULL, last_error = NULL", [], message):
        raise LeaseLost(message.id)


def _postpone(message: Message, fault: Exception) -> None:
    """Back to the queue with a growing pause. Only the fault's class is kept: its text may tell of a patient."""
    pause = min(2.0 ** min(message.attempts, 20), LONGEST_PAUSE)
    told = without_text(fault)
    logger.warning("outbox message %d of %s failed, try %d: %s", message.id, message.consumer, message.attempts, told)
    changes = "available_at = statement_timestamp() + make_interval(secs => %s), leased_until = NULL, last_error = %s"
    _updated(changes, [pause, type(fault).__name__], message)


def _updated(changes: str, values: list[Any], message: Message) -> bool:
    """Changes the message while the fence holds; False when it no longer does."""
    with tenancy.connection().cursor() as cursor:
        cursor.execute(
            f"UPDATE audit_outbox SET {changes} WHERE id = %s AND fence = %s AND done_at IS NULL",
            [*values, message.id, message.fence],
        )
        return bool(cursor.rowcount == 1)

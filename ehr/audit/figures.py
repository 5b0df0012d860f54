"""What operators watch: how much work waits, and how far the seal is behind."""

from dataclasses import dataclass

from ehr.audit import (
    chain,
    seal,  # noqa: F401 - registers a consumer, whose queue is known only then
)
from ehr.audit.events import consumers
from ehr.audit.models import AuditSeal
from ehr.lib import tenancy


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in one queue of the outbox: how many messages, and for how many seconds the oldest has waited."""

    queue: str
    depth: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Sealed:
    """How many events are sealed up to and with the seal of this number."""

    sequence: int = 0
    events: int = 0


def backlogs() -> list[Backlog]:
    """The queues of the current tenant by name, those in which nothing waits included. One query."""
    waiting = {consumer.queue: Backlog(consumer.queue, 0, 0.0) for consumer in consumers.values()}
    with tenancy.connection().cursor() as cursor:
        cursor.execute(
            """SELECT queue, count(*), extract(epoch FROM statement_timestamp() - min(created_at))::float8
            FROM audit_outbox WHERE done_at IS NULL GROUP BY queue"""
        )
        waiting |= {row[0]: Backlog(*row) for row in cursor.fetchall()}
    return [waiting[queue] for queue in sorted(waiting)]


def seal_lag() -> float:
    """Seconds for which the oldest event of the current tenant has waited for its seal; 0.0 when none waits.

    Rows that only say that the trail was sealed are not waited for (see ehr.audit.seal).
    """
    last = AuditSeal.objects.order_by("-sequence").values_list("after", flat=True).first()
    with tenancy.connection().cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)::float8 FROM audit_event
            WHERE xact >= pg_snapshot_xmin(%(before)s::pg_snapshot) AND action <> 'audit.seal'
              AND NOT pg_visible_in_snapshot(xact, %(before)s::pg_snapshot)""",
            {"before": last or chain.GENESIS_SNAPSHOT},
        )
        lag: float = cursor.fetchone()[0]
        return lag


def sealed_since(known: Sealed) -> Sealed:
    """How many events of the current tenant are sealed, given what was known before: only later seals are counted."""
    with tenancy.connection().cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(sequence), %(known)s), coalesce(sum(event_count), 0) FROM audit_seal "
            "WHERE sequence > %(known)s",
            {"known": known.sequence},
        )
        sequence, events = cursor.fetchone()
        return Sealed(sequence, known.events + events)

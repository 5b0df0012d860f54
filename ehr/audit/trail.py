"""The audit trail: rows that say who did what to whom, appended and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from django.db import transaction

from ehr.audit.actors import Actor
from ehr.audit.context import correlation_id
from ehr.audit.errors import Attempt, Refused
from ehr.lib import json, tenancy
from ehr.lib.postgresql.statements import Statement

Outcome = Literal["success", "refused"]


@dataclass(frozen=True, slots=True)
class Row:
    """One audit row before it is written."""

    action: str
    actor: Actor
    reason: str | None = None
    patient_id: str | None = None
    entities: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome = "success"


COLUMNS = (
    "action, outcome, actor_kind, actor_id, actor_name, on_behalf_of, "
    "reason, correlation_id, patient_id, entities, detail"
)
RECORD = (
    "action text, outcome text, actor_kind text, actor_id text, actor_name text, on_behalf_of text, "
    "reason text, correlation_id uuid, patient_id text, entities text[], detail jsonb"
)


def append(parameter: int, source: str = "") -> str:
    """SQL that appends what `records` gives, the statement's parameter of this number."""
    rows = f"json_to_recordset(${parameter}::json) AS r({RECORD})"
    return f"INSERT INTO audit_event ({COLUMNS}) SELECT {COLUMNS} FROM {source}{rows}"


_APPEND = Statement(append(1))
_APPEND_LAZILY = Statement(
    f"WITH lazily AS (SELECT set_config('synchronous_commit', 'off', true)) {append(1, source='lazily, ')}"
)


def records(rows: Sequence[Row]) -> str:
    """The rows as a JSON array of objects with the members of RECORD."""
    return json.encode([_record(row) for row in rows]).decode()


def _record(row: Row) -> dict[str, Any]:
    actor = row.actor
    return {
        "action": row.action,
        "outcome": row.outcome,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "on_behalf_of": actor.on_behalf_of,
        "reason": row.reason,
        "correlation_id": correlation_id(),
        "patient_id": row.patient_id,
        "entities": row.entities,
        "detail": row.detail,
    }


def write(rows: Sequence[Row]) -> None:
    """Appends rows in the current transaction, as durable as that is."""
    if rows:
        _APPEND.run(records(rows))


def refusal_row(refusal: Refused) -> Row:
    """The row that says what was refused to whom, under the name of the innermost action that refused."""
    attempt = refusal.attempt
    if attempt is None:
        raise ValueError("this refusal has not left an action: nobody can say what was refused to whom")
    detail = {"permission": refusal.permission}
    return Row(
        attempt.action, attempt.actor, attempt.reason, patient_id=refusal.patient_id, detail=detail, outcome="refused"
    )


def write_refusals(refusals: Sequence[Refused]) -> None:
    """Appends the rows of refused attempts in a transaction of their own: what they tried was rolled back."""
    if refusals:
        with transaction.atomic(using=tenancy.current_tenant()):
            write([refusal_row(refusal) for refusal in refusals])


def refuse_read(action: str, actor: Actor, permission: str, *, patient_id: str | None = None) -> NoReturn:
    """Appends the row of a read that this actor may not do, then raises Refused."""
    refusal = Refused(permission, patient_id=patient_id)
    refusal.attempt = Attempt(action, actor, None)
    write_refusals([refusal])
    raise refusal


def write_read(row: Row) -> None:
    """Appends the row of a read. Its commit does not wait for the disk: a read has changed nothing."""
    if tenancy.connection().in_atomic_block:
        write([row])
        return
    _APPEND_LAZILY.run(records([row]))

"""The one way to write: functions marked `@action`."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from django.db import Error, transaction
from psycopg.errors import DeadlockDetected, SerializationFailure

from ehr.audit import events, trail
from ehr.audit.actors import Actor
from ehr.audit.errors import Refused, UnauditedAction, WriteOutsideAction
from ehr.lib import tenancy

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 4  # the first try, then three more after a serialization failure or a deadlock

registry: dict[str, Callable[..., Any]] = {}


@dataclass(slots=True)
class OpenAction:
    """One action in progress: who does what and why, and what it has recorded and announced so far."""

    name: str
    actor: Actor
    reason: str | None = None
    rows: list[trail.Row] = field(default_factory=list)
    announcements: list[events.Event] = field(default_factory=list)


_open: ContextVar[OpenAction | None] = ContextVar("ehr_open_action", default=None)


def action(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a function as a write. Its first keyword is ``actor: Actor``; an optional ``reason: str`` is audited.

    The call runs in one transaction: all of it or nothing. A nested action joins the transaction of the outer one with
    audit rows of its own. Without an audit row it rolls back (UnauditedAction). A Refused is audited in a transaction of
    its own and raised on.
    """

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        if name in registry:
            raise ValueError(f"two actions are named {name}")

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            opened = OpenAction(name=name, actor=_actor_of(kwargs), reason=_reason_of(kwargs))
            if _open.get() is not None:
                return _run_nested(opened, lambda: function(*args, **kwargs))
            return _run_outermost(opened, lambda: function(*args, **kwargs))

        registry[name] = run
        return run

    return mark


def audit(
    *, patient_id: str | None = None, entities: Sequence[str] = (), detail: dict[str, Any] | None = None
) -> None:
    """Adds one audit row to the open action: which patient, which resource versions ("Patient/1/_history/2"), what else.

    `detail` holds ids, codes and counts, never names or values of a patient.
    """
    opened = current_action()
    opened.rows.append(
        trail.Row(
            action=opened.name,
            actor=opened.actor,
            reason=opened.reason,
            patient_id=patient_id,
            entities=tuple(entities),
            detail=detail or {},
        )
    )


def publish(event: events.Event) -> None:
    """Announces, in the transaction of the open action, that something happened."""
    current_action().announcements.append(event)


def current_action() -> OpenAction:
    """The innermost open action. Raises WriteOutsideAction when there is none."""
    opened = _open.get()
    if opened is None:
        raise WriteOutsideAction("no action is open here")
    return opened


def action_is_open() -> bool:
    """True inside an action."""
    return _open.get() is not None


def _run_outermost(opened: OpenAction, body: Callable[[], R]) -> R:
    alias = tenancy.current_tenant()
    may_retry = not transaction.get_connection(alias).in_atomic_block
    for attempt in range(1, ATTEMPTS + 1):
        opened.rows.clear()
        opened.announcements.clear()
        try:
            with transaction.atomic(using=alias), _guard_lifted(opened.name), _innermost(opened):
                result = body()
                _close(opened)
                trail.write(opened.rows)
                events.write(opened.announcements)
                return result
        except Refused as refusal:
            trail.write_refusal(opened.name, opened.actor, opened.reason, refusal)
            raise
        except Error as fault:
            if not (may_retry and attempt < ATTEMPTS and _is_transient(fault)):
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")


def _run_nested(opened: OpenAction, body: Callable[[], R]) -> R:
    outer = current_action()
    with transaction.atomic(using=tenancy.current_tenant()), _innermost(opened):
        result = body()
        _close(opened)
    outer.rows.extend(opened.rows)
    outer.announcements.extend(opened.announcements)
    return result


def _close(opened: OpenAction) -> None:
    if not opened.rows:
        raise UnauditedAction(opened.name)


@contextmanager
def _innermost(opened: OpenAction) -> Iterator[None]:
    token = _open.set(opened)
    try:
        yield
    finally:
        _open.reset(token)


@contextmanager
def _guard_lifted(name: str) -> Iterator[None]:
    """Sets the transaction-local `ehr.action` that the triggers on Record tables demand, and takes it back.

    Taken back by hand because inside a transaction that somebody else opened it would outlive the action.
    """
    connection = tenancy.connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ehr.action', %s, true)", [name])
    yield
    if len(connection.savepoint_ids) > 0:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('ehr.action', '', true)")


def _is_transient(fault: Error) -> bool:
    return isinstance(fault.__cause__, SerializationFailure | DeadlockDetected)


def _actor_of(kwargs: dict[str, Any]) -> Actor:
    actor = kwargs.get("actor")
    if not isinstance(actor, Actor):
        raise TypeError("an action is called with actor=Actor(…) by keyword")
    return actor


def _reason_of(kwargs: dict[str, Any]) -> str | None:
    reason = kwargs.get("reason")
    return reason if isinstance(reason, str) else None

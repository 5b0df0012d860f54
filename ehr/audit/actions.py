"""The one way to write: functions marked `@action`."""

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from django.db import Error, transaction
from psycopg.errors import DeadlockDetected, SerializationFailure

from ehr.audit import events, trail
from ehr.audit.actors import Actor
from ehr.audit.context import correlated, correlation_id
from ehr.audit.errors import Attempt, Refused, UnauditedAction, WriteOutsideAction
from ehr.lib import tenancy
from ehr.lib.postgresql.statements import Statement, begin, text

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 4  # the first try, then three more after a serialization failure or a deadlock

registry: dict[str, Callable[..., Any]] = {}


@dataclass(slots=True)
class OpenAction:
    """One action in progress: who does what and why, and what it has recorded and announced so far."""

    name: str
    actor: Actor
    reason: str | None
    tenant: str
    rows: list[trail.Row] = field(default_factory=list)
    announcements: list[events.Event] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)
    is_recorded: bool = False  # some of its rows have gone to the trail already

    def start_over(self) -> None:
        """Forgets what an attempt that was rolled back had recorded."""
        self.rows.clear()
        self.is_recorded = False
        self.announcements.clear()
        self.refusals.clear()

    def note_refusal(self, fault: BaseException) -> None:
        """Keeps a refusal for the trail, once, with the innermost action that it left."""
        if not isinstance(fault, Refused):
            return
        if fault.attempt is None:
            fault.attempt = Attempt(self.name, self.actor, self.reason)
        if not any(kept is fault for kept in self.refusals):
            self.refusals.append(fault)


_open: ContextVar[OpenAction | None] = ContextVar("ehr_open_action", default=None)


def action(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a function as a write. Its first keyword is ``actor: Actor``; an optional ``reason: str`` is audited.

    The call runs in one transaction: all of it or nothing. A nested action joins the transaction of the outer one with
    audit rows of its own; when it fails and the outer one goes on, nothing of it stays but the row of its refusal.
    Without an audit row it rolls back (UnauditedAction). A Refused is audited after the rollback and raised on.
    """

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
            raise TypeError(f"{name}: an action is a plain function, done when it returns")
        if name in registry:
            raise ValueError(f"two actions are named {name}")

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            opened = OpenAction(name, _actor_of(kwargs), _reason_of(kwargs), tenancy.current_tenant())
            outer = _open.get()
            if outer is not None:
                return _run_nested(outer, opened, lambda: function(*args, **kwargs))
            with correlated(correlation_id()):  # all rows of one action share one, also where no request set it
                return _run_outermost(opened, lambda: function(*args, **kwargs))

        registry[name] = run
        return run

    return mark


def audit(*, patient_id: str | None = None, entities: Sequence[str] = (), detail: dict[str, Any] | None = None) -> None:
    """Adds one audit row to the open action: which patient, which versions ("Patient/1/_history/2"), what else.

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


def take_rows() -> list[trail.Row]:
    """The rows that the innermost open action has added so far, for whoever appends them in a statement of their own.

    To be appended at once, in the same transaction: the action counts them as written.
    """
    opened = current_action()
    rows, opened.rows = opened.rows, []
    opened.is_recorded = opened.is_recorded or bool(rows)
    return rows


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
    # Inside a transaction that somebody else opened, a second try would only meet the same aborted transaction.
    tries = 1 if transaction.get_connection(opened.tenant).in_atomic_block else ATTEMPTS
    for left in reversed(range(tries)):
        opened.start_over()
        try:
            return _attempt(opened, body)
        except Exception as fault:
            if left and _is_transient(fault):
                continue
            opened.note_refusal(fault)
            trail.write_refusals(opened.refusals)
            raise
    raise AssertionError("unreachable: the last try returns or raises")


def _attempt(opened: OpenAction, body: Callable[[], R]) -> R:
    with transaction.atomic(using=opened.tenant), _guard_lifted(opened.name):
        with _innermost(opened):
            result = body()
        _demand_rows(opened)
        trail.write([*opened.rows, *(trail.refusal_row(refusal) for refusal in opened.refusals)])
        events.write(opened.announcements)
        return result


def _run_nested(outer: OpenAction, opened: OpenAction, body: Callable[[], R]) -> R:
    if opened.tenant != outer.tenant:
        raise WriteOutsideAction(f"{opened.name} in {opened.tenant} cannot join {outer.name} in {outer.tenant}")
    try:
        with transaction.atomic(using=opened.tenant), _innermost(opened):
            result = body()
            _demand_rows(opened)
    except Exception as fault:
        opened.note_refusal(fault)
        outer.refusals.extend(opened.refusals)
        raise
    outer.rows.extend(opened.rows)
    outer.is_recorded = outer.is_recorded or opened.is_recorded
    outer.announcements.extend(opened.announcements)
    outer.refusals.extend(opened.refusals)
    return result


def _demand_rows(opened: OpenAction) -> None:
    if not opened.rows and not opened.is_recorded:
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
    _lift_guard(name)
    yield
    if len(tenancy.connection().savepoint_ids) > 0:
        _GUARD.run("")


_GUARD = Statement("SELECT set_config('ehr.action', $1, true)", text)


def _lift_guard(name: str) -> None:
    quoted = name.replace("'", "''")
    if not begin(and_then=f"; SELECT set_config('ehr.action', '{quoted}', true)"):
        _GUARD.run(name)


def _is_transient(fault: Exception) -> bool:
    return isinstance(fault, Error) and isinstance(fault.__cause__, SerializationFailure | DeadlockDetected)


def _actor_of(kwargs: dict[str, Any]) -> Actor:
    actor = kwargs.get("actor")
    if not isinstance(actor, Actor):
        raise TypeError("an action is called with actor=Actor(…) by keyword")
    return actor


def _reason_of(kwargs: dict[str, Any]) -> str | None:
    reason = kwargs.get("reason")
    return reason if isinstance(reason, str) else None

"""What happened, told to whoever asked: one outbox row per event and consumer, in the writer's transaction."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from django.db import transaction

from ehr.audit.context import correlation_id
from ehr.lib import json, tenancy


@dataclass(frozen=True, slots=True)
class Event:
    """Base of what apps publish. Fields are ids and codes only: no patient's data travels in an event."""


E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Consumer:
    """One function that wants one kind of event. Idempotent: it may see an event again after a crash."""

    name: str
    event: type[Event]
    queue: str
    function: Callable[[Any], None]


consumers: dict[str, Consumer] = {}
_by_event: dict[type[Event], list[Consumer]] = {}
_wake: list[Callable[[str, str], None]] = []


def consumes(
    event: type[E], *, name: str, queue: str = "default"
) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Registers the function as a consumer of `event`. `name` is stored in outbox rows: it never changes meaning."""

    def mark(function: Callable[[E], None]) -> Callable[[E], None]:
        if name in consumers:
            raise ValueError(f"two consumers are named {name}")
        consumer = Consumer(name=name, event=event, queue=queue, function=function)
        consumers[name] = consumer
        _by_event.setdefault(event, []).append(consumer)
        return function

    return mark


def on_wake(function: Callable[[str, str], None]) -> None:
    """Registers what is called, after commit, with (tenant alias, queue) when a queue has new rows."""
    _wake.append(function)


def write(announcements: Sequence[Event]) -> None:
    """Writes the outbox rows of these events; called once, at the end of the outermost action."""
    rows = [
        (consumer.queue, consumer.name, json.encode(asdict(event)).decode())
        for event in announcements
        for consumer in _by_event.get(type(event), ())
    ]
    if not rows:
        return
    queues, names, payloads = (list(column) for column in zip(*rows, strict=True))
    with tenancy.raw_cursor() as cursor:
        cursor.execute(
            """INSERT INTO audit_outbox (queue, consumer, payload, correlation_id)
            SELECT *, %s FROM unnest(%s::text[], %s::text[], %s::jsonb[])""",
            [correlation_id(), queues, names, payloads],
        )
    alias = tenancy.current_tenant()
    for queue in sorted(set(queues)):
        transaction.on_commit(_alarm(alias, queue), using=alias, robust=True)


def _alarm(alias: str, queue: str) -> Callable[[], None]:
    def wake_up() -> None:
        for wake in _wake:
            wake(alias, queue)

    return wake_up

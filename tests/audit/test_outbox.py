"""The outbox: an event reaches each of its consumers, its effect exactly once, and one that fails holds up no other."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

from ehr.audit import events, outbox
from ehr.audit.actions import action, audit, publish
from ehr.audit.actors import Actor
from ehr.audit.context import correlated, correlation_id
from ehr.audit.errors import Refused
from ehr.audit.events import Event, consumes, on_wake
from ehr.audit.models import OutboxMessage
from ehr.audit.outbox import LeaseLost
from ehr.lib.tenancy import connection, use_tenant
from tests.audit.sample import ADLER, BELL, inner, keep, kept, outer, trail

REQUEST = UUID("019ab000-0000-7000-8000-000000000001")


@dataclass(frozen=True, slots=True)
class Weighed(Event):
    """With a field of each kind that must come back as it went."""

    key: str
    on: date = date(2026, 3, 14)
    weight: Decimal = Decimal("70.50")
    parts: tuple[str, ...] = ()


heard: list[tuple[Weighed, UUID]] = []


@consumes(Weighed, name="test.listen", queue="test-quick")
def listen(event: Weighed) -> None:
    heard.append((event, correlation_id()))


@consumes(Weighed, name="test.keep", queue="test-work")
def keep_it(event: Weighed) -> None:
    """Fails, after having written, for keys that say so."""
    outer(lambda: keep(event.key), actor=BELL)
    if event.key.startswith("bad"):
        raise ValueError(f"the patient's name is {event.key}")
    if event.key.startswith("refused"):
        inner(refuse, actor=BELL)


def refuse() -> None:
    raise Refused("test.keep")


@action("test.weigh")
def weigh(*events: Weighed, actor: Actor) -> None:
    for event in events:
        publish(event)
    audit()


@pytest.fixture(autouse=True)
def _nothing_heard() -> None:
    heard.clear()


def messages(*fields: str, queue: str = "test-work") -> list[Any]:
    return list(OutboxMessage.objects.filter(queue=queue).order_by("id").values_list(*fields, flat=len(fields) == 1))


def execute(sql: str, *values: object) -> None:
    with connection().cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.usefixtures("db")
def test_a_consumer_gets_the_event_as_it_was_with_the_correlation_of_its_cause() -> None:
    event = Weighed("a", parts=("x", "y"))
    with correlated(REQUEST):
        weigh(event, actor=ADLER)
    assert (outbox.drain("test-quick"), heard) == (1, [(event, REQUEST)])
    assert outbox.drain("test-quick") == 0


@pytest.mark.usefixtures("db")
def test_every_consumer_gets_a_message_of_its_own_and_queues_do_not_mix() -> None:
    weigh(Weighed("a"), Weighed("b"), actor=ADLER)
    assert (outbox.drain("test-work"), kept(), heard) == (2, ["a", "b"], [])
    assert outbox.sweep() == 2
    assert [event.key for event, _ in heard] == ["a", "b"]


@pytest.mark.usefixtures("db")
def test_an_action_that_fails_announces_nothing() -> None:
    with pytest.raises(ZeroDivisionError):
        outer(lambda: [weigh(Weighed("a"), actor=ADLER), 1 // 0], actor=ADLER)
    assert OutboxMessage.objects.count() == 0


@pytest.mark.usefixtures("db")
def test_a_message_that_fails_is_undone_postponed_and_holds_up_no_other() -> None:
    weigh(Weighed("a"), Weighed("bad"), Weighed("c"), actor=ADLER)
    assert (outbox.drain("test-work"), kept()) == (2, ["a", "c"])
    assert messages("attempts", "last_error", "leased_until") == [
        (1, None, None), (1, "ValueError", None), (1, None, None),
    ]  # fmt: skip
    assert [done is None for done in messages("done_at")] == [False, True, False]


@pytest.mark.usefixtures("db")
def test_what_is_logged_of_a_failure_tells_nothing_of_the_patient(caplog: pytest.LogCaptureFixture) -> None:
    weigh(Weighed("bad"), actor=ADLER)
    outbox.drain("test-work")
    (message,) = messages("id")
    (record,) = caplog.records
    told = record.getMessage()
    assert told.startswith(f"outbox message {message} of test.keep failed, try 1: ValueError at ")
    assert ("patient" in told, record.exc_info) == (False, None)


@pytest.mark.usefixtures("db")
def test_the_pause_doubles_with_every_try_up_to_an_hour() -> None:
    weigh(Weighed("bad"), actor=ADLER)
    pauses = []
    for _ in range(14):
        outbox.drain("test-work")
        with connection().cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM available_at - now()) FROM audit_outbox WHERE queue = 'test-work'"
            )
            pauses.append(cursor.fetchone()[0])
        assert outbox.drain("test-work") == 0
        execute("UPDATE audit_outbox SET available_at = now()")
    assert [round(pause, -1 if pause > 100 else 0) for pause in map(int, pauses)][2:6] == [8, 16, 32, 64]
    assert messages("attempts") == [14]
    assert 3590 <= pauses[-1] <= 3660


@pytest.mark.usefixtures("db")
def test_a_message_for_an_unknown_consumer_waits_for_a_version_that_knows_it() -> None:
    weigh(Weighed("a"), actor=ADLER)
    execute("UPDATE audit_outbox SET consumer = 'test.later' WHERE queue = 'test-work'")
    outbox.drain("test-work")
    assert messages("last_error", "done_at") == [("UnknownConsumer", None)]


@pytest.mark.usefixtures("db")
def test_a_payload_that_does_not_fit_the_event_is_kept() -> None:
    weigh(Weighed("a"), actor=ADLER)
    execute("""UPDATE audit_outbox SET payload = '{"key": 5}' WHERE queue = 'test-work'""")
    assert (outbox.drain("test-work"), messages("last_error")) == (0, ["ValidationError"])


@pytest.mark.usefixtures("db")
def test_a_refusal_in_a_consumer_is_audited_though_its_work_is_undone() -> None:
    with correlated(REQUEST):
        weigh(Weighed("refused"), actor=ADLER)
    outbox.drain("test-work")
    assert kept() == []
    assert trail("action", "outcome", "correlation_id") == [
        ("test.weigh", "success", REQUEST),
        ("test.inner", "refused", REQUEST),
    ]


@pytest.mark.usefixtures("db")
def test_a_message_under_lease_is_not_taken_until_the_lease_is_over() -> None:
    weigh(Weighed("a"), actor=ADLER)
    (first,) = outbox.lease("test-work")
    assert outbox.lease("test-work") == []
    execute("UPDATE audit_outbox SET leased_until = now() - interval '1 second' WHERE id = %s", first.id)
    (second,) = outbox.lease("test-work")
    assert (second.id, second.attempts, second.fence > first.fence) == (first.id, 2, True)


@pytest.mark.usefixtures("db")
def test_who_lost_the_lease_changes_nothing_and_the_new_holder_does_it_once() -> None:
    weigh(Weighed("a"), actor=ADLER)
    (first,) = outbox.lease("test-work")
    execute("UPDATE audit_outbox SET leased_until = now() WHERE id = %s", first.id)
    (second,) = outbox.lease("test-work")
    with pytest.raises(LeaseLost):
        outbox.deliver(first)
    assert kept() == []
    outbox.deliver(second)
    with pytest.raises(LeaseLost):  # done is done, also for the last holder
        outbox.deliver(second)
    assert kept() == ["a"]


@pytest.mark.usefixtures("db")
def test_a_batch_goes_on_past_a_message_whose_lease_was_lost(caplog: pytest.LogCaptureFixture) -> None:
    weigh(Weighed("a"), Weighed("b"), actor=ADLER)
    first, _ = outbox.lease("test-work")
    execute("UPDATE audit_outbox SET leased_until = NULL")
    execute("UPDATE audit_outbox SET fence = fence + 1000 WHERE id = %s", first.id)
    assert outbox._delivered(first) is False
    assert "the lease was lost" in caplog.text
    assert (messages("last_error"), outbox.drain("test-work"), kept()) == ([None, None], 2, ["a", "b"])


def test_a_message_is_locked_while_its_consumer_runs(
    app_connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Any] = []

    def look(event: Weighed) -> None:
        app_connection.execute("SET lock_timeout = '2s'")
        query = "SELECT id FROM audit_outbox WHERE queue = 'test-locked' FOR UPDATE SKIP LOCKED"
        taken.extend(app_connection.execute(query).fetchall())

    monkeypatch.setattr(events, "_by_event", {})
    monkeypatch.setattr(events, "consumers", {})
    monkeypatch.setattr(outbox, "consumers", events.consumers)
    consumes(Weighed, name="test.look", queue="test-locked")(look)
    weigh(Weighed("a"), actor=ADLER)
    assert (outbox.drain("test-locked"), taken) == (1, [])


@pytest.mark.usefixtures("committed")
def test_wake_ups_come_after_commit_once_per_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, str, int]] = []
    monkeypatch.setattr(events, "_wake", [])
    on_wake(lambda alias, queue: woken.append((alias, queue, len(messages("id", queue=queue)))))
    with use_tenant("valley"):
        weigh(Weighed("a"), Weighed("b"), actor=ADLER)
    assert woken == [("valley", "test-quick", 2), ("valley", "test-work", 2)]


@pytest.mark.usefixtures("committed")
def test_a_wake_up_that_fails_does_not_fail_the_commit(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(events, "_wake", [])

    def fail(alias: str, queue: str) -> None:
        raise ConnectionError

    on_wake(fail)
    weigh(Weighed("a"), actor=ADLER)
    assert messages("attempts") == [0]
    assert "on_commit" in caplog.text


@pytest.mark.usefixtures("db")
def test_done_messages_are_forgotten_after_thirty_days() -> None:
    weigh(Weighed("a"), Weighed("b"), actor=ADLER)
    outbox.drain("test-work")
    first, _ = messages("id")
    execute("UPDATE audit_outbox SET done_at = now() - interval '30 days 1 second' WHERE id = %s", first)
    execute("UPDATE audit_outbox SET created_at = now() - interval '90 days'")  # waiting ones are never forgotten
    waiting = len(messages("id", queue="test-quick"))
    assert (outbox.forget_done(), len(messages("id")), len(messages("id", queue="test-quick"))) == (1, 1, waiting)


def test_two_consumers_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match=r"two consumers are named test\.listen"):
        consumes(Weighed, name="test.listen")(listen)

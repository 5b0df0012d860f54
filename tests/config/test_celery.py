"""Tasks run for the tenant in their header, and the standby does what the schedule did not."""

import socket
from collections.abc import Iterator
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from celery import Celery
from celery.beat import ScheduleEntry, Service
from celery.schedules import schedule
from kombu import Connection

from ehr.audit.context import correlation_id
from ehr.audit.models import AuditSeal
from ehr.config.beat import Clock
from ehr.config.celery import SEAL, SWEEP, TaskFailed, app
from ehr.config.standby import Standby
from ehr.config.tasks import last_done
from ehr.lib.tenancy import current_tenant, use_tenant
from tests.audit.sample import ADLER, outer

REQUEST = UUID("019ab000-0000-7000-8000-000000000001")


@app.task(name="test.say_where")
def say_where(*, fail: bool = False) -> tuple[str, UUID]:
    if fail:
        raise ValueError("the patient's name")
    return current_tenant(), correlation_id()


def run(**headers: str) -> tuple[str, UUID]:
    return say_where.apply(headers=headers, throw=True).get()


def test_a_task_runs_for_the_tenant_and_with_the_correlation_id_of_its_header() -> None:
    assert run(tenant="valley", correlation_id=str(REQUEST)) == ("valley", REQUEST)


def test_a_task_without_a_tenant_does_not_run() -> None:
    with pytest.raises(KeyError, match="tenant"):
        run(correlation_id=str(REQUEST))


def test_a_task_that_fails_tells_its_class_and_place_only() -> None:
    with pytest.raises(TaskFailed, match=r"^ValueError at .*:\d+$") as failed:
        say_where.apply(kwargs={"fail": True}, headers={"tenant": "general"}, throw=True)
    assert failed.value.__cause__ is None


@pytest.fixture
def redis_away() -> Iterator[str]:
    """The URL of a Redis that refuses every connection."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{closed.getsockname()[1]}/0"


@pytest.fixture(autouse=True)
def _nothing_done_yet(settings: Any) -> Iterator[None]:
    settings.STORAGES = settings.STORAGES | {"documents": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    last_done.clear()
    yield
    last_done.clear()


def act_in_both() -> None:
    for alias in ("general", "valley"):
        with use_tenant(alias):
            outer(lambda: None, actor=ADLER)


def seals() -> list[int]:
    counts = []
    for alias in ("general", "valley"):
        with use_tenant(alias):
            counts.append(AuditSeal.objects.count())
    return counts


@pytest.mark.usefixtures("committed")
def test_the_standby_seals_every_tenant_when_redis_is_away(redis_away: str) -> None:
    act_in_both()
    Standby(["general", "valley"], redis_away).look()
    assert seals() == [1, 1]
    assert sorted(last_done) == [(SEAL, "general"), (SEAL, "valley"), (SWEEP, "general"), (SWEEP, "valley")]


@pytest.mark.usefixtures("committed")
def test_the_standby_leaves_alone_what_the_schedule_has_just_done(redis_away: str) -> None:
    act_in_both()
    last_done.update({(name, "general"): monotonic() for name in (SEAL, SWEEP)})
    Standby(["general", "valley"], redis_away).look()
    assert seals() == [0, 1]


@pytest.mark.usefixtures("committed")
def test_one_tenant_that_fails_does_not_keep_the_others_waiting(
    redis_away: str, caplog: pytest.LogCaptureFixture
) -> None:
    act_in_both()
    Standby(["nowhere", "valley"], redis_away).look()
    assert seals() == [0, 1]
    assert [record.getMessage().split(":")[1].strip() for record in caplog.records] == [
        "ehr.seal_audit_trail for nowhere failed",
        "ehr.sweep_outbox for nowhere failed",
    ]


def test_the_clock_says_once_that_the_broker_is_away_and_once_that_it_is_back(
    redis_away: str, caplog: pytest.LogCaptureFixture
) -> None:
    away = Celery("clock", broker=redis_away, set_as_current=False)
    away.conf.task_publish_retry = False
    clock = Clock(away, lazy=True)
    entry = ScheduleEntry("test", SEAL, schedule=schedule(1), app=away)
    for _ in range(3):
        clock.apply_entry(entry)
    with Connection("memory://") as connection:
        for _ in range(2):
            clock.apply_entry(entry, producer=away.amqp.Producer(connection))
    told = [(record.name, record.getMessage(), record.exc_info) for record in caplog.records]
    assert told == [
        (
            "ehr.config.beat",
            "tasks cannot be sent (OperationalError): the workers' standby does them until the broker is back",
            None,
        ),
        ("ehr.config.beat", "the broker is back: tasks are sent again", None),
    ]


def test_the_schedule_runs_by_that_clock() -> None:
    assert isinstance(Service(app, scheduler_cls=app.conf.beat_scheduler).get_scheduler(lazy=True), Clock)

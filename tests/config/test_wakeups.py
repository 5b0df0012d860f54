"""Wake-ups: gathered, sent after the commit by a thread of their own, and harmless when Redis is away."""

import os
import socket
from collections.abc import Iterator
from queue import Queue
from threading import Event
from time import perf_counter

import pytest
import redis
from kombu.exceptions import OperationalError

from ehr.config.celery import app
from ehr.config.wakeups import CelerySender, WakeUps
from ehr.lib import json


class Sent(Queue[tuple[str, str]]):
    """What was sent, in order."""

    def __call__(self, alias: str, queue: str) -> None:
        self.put((alias, queue))

    def next(self) -> tuple[str, str]:
        return self.get(timeout=10)


def test_many_commits_become_one_message_per_tenant_and_queue() -> None:
    sent = Sent()
    going = Event()

    def send(alias: str, queue: str) -> None:
        sent(alias, queue)
        going.wait(10)

    wake_ups = WakeUps(send, gather=0)
    wake_ups.wake("general", "first")
    assert sent.next() == ("general", "first")  # the sender is held up here, and what comes now is gathered
    for _ in range(50):
        for waking in (("general", "b"), ("valley", "a"), ("general", "a")):
            wake_ups.wake(*waking)
    going.set()
    assert [sent.next() for _ in range(3)] == [("general", "a"), ("general", "b"), ("valley", "a")]
    assert sent.empty()


def test_after_a_failure_it_rests_and_then_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    sent = Sent()
    failed = Event()

    def send(alias: str, queue: str) -> None:
        if not failed.is_set():
            failed.set()
            raise ConnectionError("redis://user:password@host")
        sent(alias, queue)

    wake_ups = WakeUps(send, gather=0, rest=0)
    wake_ups.wake("general", "lost")
    assert failed.wait(10)
    while sent.empty():  # what came while it rested is forgotten: the sweep has it
        wake_ups.wake("general", "later")
    assert sent.next() == ("general", "later")
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert told[0].startswith("wake-ups cannot be sent, the worker polls: ConnectionError at ")


@pytest.fixture
def own_redis() -> Iterator[tuple[str, redis.Redis]]:
    """A database of Redis that nobody listens on."""
    url = os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/15"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url, client
        client.flushdb()


def test_a_message_names_the_tenant_in_its_header_and_carries_ids_only(own_redis: tuple[str, redis.Redis]) -> None:
    url, client = own_redis
    send = CelerySender(url)
    send("valley", "audit")
    raw = client.lpop("celery")
    assert isinstance(raw, bytes)
    message = json.decode(raw)
    headers = message["headers"]
    assert (headers["task"], headers["tenant"], headers["argsrepr"]) == ("ehr.drain_outbox", "valley", "['audit']")
    assert message["content-type"] == "application/json"


@pytest.mark.parametrize("silent", [False, True], ids=["refuses", "hangs"])
def test_a_lost_redis_is_noticed_within_its_timeout(silent: bool) -> None:  # noqa: FBT001 - a parameter of the table
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if silent:
            server.listen()  # connects, never answers
        send = CelerySender(f"redis://127.0.0.1:{server.getsockname()[1]}/0", timeout=0.2)
        started = perf_counter()
        with pytest.raises((OperationalError, redis.RedisError)):
            send("general", "audit")
        assert perf_counter() - started < 5


def test_waking_returns_at_once_whatever_the_sender_does() -> None:
    going = Event()

    def send(alias: str, queue: str) -> None:
        going.wait(10)

    wake_ups = WakeUps(send, gather=0)
    started = perf_counter()
    for _ in range(100):
        wake_ups.wake("general", "audit")
    assert perf_counter() - started < 0.5  # the sender is still held up
    going.set()


def test_every_tenant_is_sealed_and_swept_by_the_schedule() -> None:
    scheduled = {
        (entry["task"], entry["options"]["headers"]["tenant"]): entry["schedule"]
        for entry in app.conf.beat_schedule.values()
    }
    assert {key: every for key, every in scheduled.items() if isinstance(every, float)} == {
        ("ehr.seal_audit_trail", "general"): 2.0,
        ("ehr.seal_audit_trail", "valley"): 2.0,
        ("ehr.sweep_outbox", "general"): 10.0,
        ("ehr.sweep_outbox", "valley"): 10.0,
    }
    assert len(scheduled) == 6

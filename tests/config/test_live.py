"""The live process as a browser meets it: granian in a process of its own, Redis for real."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

import pytest
import redis

from ehr.lib import topics
from ehr.lib.topics import InvalidToken, Topic, read_token
from tests.plumbing.environment import ROOT

# Redis channels are the whole server's: two test processes would hear each other under one name.
OWN = f"of-{os.getpid()}"
PATIENT = Topic("general", f"patient-1-{OWN}")
OPENED = b": open\n\n"
CHANGED = b"event: changed\ndata:\n\n"


@dataclass(frozen=True)
class Live:
    """The live process, and the connections that a test opened to it."""

    port: int
    connections: ExitStack

    def get(self, path: str) -> tuple[int, BinaryIO]:
        connection = self.connections.enter_context(socket.create_connection(("127.0.0.1", self.port), timeout=10))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        reader = self.connections.enter_context(connection.makefile("rb"))
        status = int(reader.readline().split()[1])
        while reader.readline() != b"\r\n":
            pass
        return status, reader

    def stream(self, topic: Topic) -> BinaryIO:
        status, reader = self.get(f"/live/{topic.name}?token={topic.token()}")
        assert (status, chunk(reader)) == (200, OPENED)
        return reader


def chunk(reader: BinaryIO) -> bytes:
    """The next chunk of a chunked answer; empty at its end."""
    size = int(reader.readline(), 16)
    return reader.read(size + 2)[:-2]


def answers_at(port: int, process: subprocess.Popen[bytes]) -> None:
    """Returns once the port takes connections: granian tells of a worker before that worker has loaded."""
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)  # nothing announces that the worker listens
    raise AssertionError(f"granian ended with {process.returncode}")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asgi",
        "--workers",
        "1",
        "--no-access-log",
        "--workers-kill-timeout",
        "3",
    ]
    command += ["--host", "127.0.0.1", "--port", str(port), "ehr.config.live:application"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "ehr.config.settings"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        for line in process.stdout or ():
            if b"Started worker-1" in line:
                break
        answers_at(port, process)
        yield port
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture
def live(port: int) -> Iterator[Live]:
    with ExitStack() as connections:
        yield Live(port, connections)


@pytest.fixture
def publisher() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        yield client


def test_300_streams_in_one_process_hear_of_their_own_topic_only(live: Live, publisher: redis.Redis) -> None:
    listening = [live.stream(PATIENT) for _ in range(300)]
    other = live.stream(Topic("general", f"patient-2-{OWN}"))
    publisher.publish(PATIENT.channel, "")
    assert [chunk(reader) for reader in listening] == [CHANGED] * 300
    publisher.publish(Topic("general", f"patient-2-{OWN}").channel, "")
    assert chunk(other) == CHANGED
    publisher.publish(PATIENT.channel, "")
    assert chunk(listening[0]) == CHANGED


def test_another_tenants_topic_of_the_same_name_stays_silent(live: Live, publisher: redis.Redis) -> None:
    live.stream(PATIENT)
    assert [publisher.publish(Topic(tenant, PATIENT.name).channel, "") for tenant in ("general", "valley")] == [1, 0]


def test_a_topic_that_nobody_watches_any_more_is_unsubscribed(live: Live, publisher: redis.Redis) -> None:
    topic = Topic("general", f"patient-3-{OWN}")
    with ExitStack() as closing:
        Live(live.port, closing).stream(topic)
        assert publisher.publish(topic.channel, "") == 1
    other = live.stream(PATIENT)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:  # each round trip through the live process gives it a turn to notice
        publisher.publish(PATIENT.channel, "")
        assert chunk(other) == CHANGED
        if publisher.publish(topic.channel, "") == 0:
            break
    assert publisher.pubsub_numsub(topic.channel) == [(topic.channel.encode(), 0)]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200),
        ("/elsewhere", 404),
        ("/live/patient-1", 403),
        (f"/live/patient-1?token={'x' * 40}", 403),
    ],
)
def test_answers(live: Live, path: str, status: int) -> None:
    assert live.get(path)[0] == status


def test_a_token_opens_its_own_topic_only(live: Live) -> None:
    assert live.get(f"/live/{PATIENT.name}?token={PATIENT.token()}")[0] == 200
    assert live.get(f"/live/patient-2?token={PATIENT.token()}")[0] == 403


def test_streams_end_when_redis_is_lost_and_can_be_opened_again(live: Live, publisher: redis.Redis) -> None:
    reader = live.stream(PATIENT)
    database = str(publisher.connection_pool.connection_kwargs["db"])
    for connection in publisher.client_list(_type="pubsub"):
        if connection["db"] == database:  # that of another test process stays
            publisher.client_kill_filter(_id=connection["id"])
    assert (chunk(reader), chunk(reader)) == (b"event: end\ndata:\n\n", b"")
    reader = live.stream(PATIENT)
    publisher.publish(PATIENT.channel, "")
    assert chunk(reader) == CHANGED


def test_an_expired_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    token = PATIENT.token()
    assert read_token(token, PATIENT.name) == PATIENT
    monkeypatch.setattr(topics, "TOKEN_SECONDS", -1)
    with pytest.raises(InvalidToken):
        read_token(token, PATIENT.name)

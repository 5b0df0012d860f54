"""A worker that cannot reach Redis, killed and started again: the trail is sealed in time, copied, and verifies."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from django.core.files.storage import storages

from ehr.audit import keys
from ehr.audit.models import AuditEvent, AuditSeal, OutboxMessage
from ehr.audit.verify import verify_tenant
from tests.audit.sample import ADLER, outer
from tests.plumbing.environment import ROOT

PROMISED = timedelta(seconds=5)
PATIENCE = 60.0  # seconds for a worker to start on a busy machine


@pytest.fixture
def environment(committed: dict[str, str], tmp_path: Path, settings: Any) -> Iterator[dict[str, str]]:
    """Of a worker that works on this test's databases, with a document store of its own and no Redis."""
    location = tmp_path / "documents"
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = settings.STORAGES | {"documents": {"BACKEND": backend, "OPTIONS": {"location": location}}}
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield committed | {
            "EHR_STATE_DIR": str(tmp_path),
            "REDIS_URL": f"redis://127.0.0.1:{closed.getsockname()[1]}/0",
        }


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    """A worker process, killed without warning at the end of this block."""
    command = [sys.executable, "-m", "celery", "-A", "ehr.config.celery", "worker", "--loglevel", "WARNING"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.kill()


def until_delivered(seals: int) -> None:
    """Waits until the trail has this many seals and every message is done."""
    deadline = monotonic() + PATIENCE
    while AuditSeal.objects.count() < seals or OutboxMessage.objects.filter(done_at=None).exists():
        assert monotonic() < deadline, "the worker did not seal and copy in time"
        sleep(0.1)  # another process works; there is nothing here to wait on


def test_sealed_in_time_copied_and_verified_across_a_kill(environment: dict[str, str]) -> None:
    outer(lambda: None, actor=ADLER)
    with worker(environment):
        until_delivered(1)
        outer(lambda: None, actor=ADLER)
        until_delivered(2)
    outer(lambda: None, actor=ADLER)
    with worker(environment):
        until_delivered(3)
    first, second, third = AuditEvent.objects.filter(action="test.outer").order_by("id")
    sealed_at = AuditSeal.objects.get(sequence=2).sealed_at
    assert second.recorded_at < sealed_at < second.recorded_at + PROMISED
    assert first.id < second.id < third.id
    report = verify_tenant(keys.public_key())
    assert (report.differences, report.seals, report.copies_pending) == ([], 3, 0)
    assert len(storages["documents"].listdir("audit/general/seal")[1]) == 3

"""Deadlocks and serialization failures are retried three times, each try from nothing; other faults are not."""

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, OperationalError, connections

from ehr.audit.actions import ATTEMPTS
from ehr.audit.models import AuditEvent
from ehr.lib.tenancy import connection, use_tenant
from tests.audit.sample import ADLER, keep, kept, outer, trail

SERIALIZATION_FAILURE = "DO $$ BEGIN RAISE EXCEPTION 'try again' USING ERRCODE = 'serialization_failure'; END $$"


def execute(sql: str) -> None:
    with connection().cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.usefixtures("committed")
def test_two_actions_that_lock_crosswise_both_succeed() -> None:
    barrier = Barrier(2, timeout=20)
    tries: list[str] = []
    faults: list[BaseException] = []

    def cross(first: int, second: int) -> None:
        tries.append("try")
        execute(f"SELECT pg_advisory_xact_lock({first})")
        if len(tries) <= 2:
            barrier.wait()
        execute(f"SELECT pg_advisory_xact_lock({second})")
        keep(f"{first}{second}")

    def work(first: int, second: int) -> None:
        try:
            with use_tenant("general"):
                outer(lambda: cross(first, second), actor=ADLER)
        except BaseException as fault:  # noqa: BLE001 - handed to the test's own thread
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (faults, kept(), len(tries), AuditEvent.objects.count()) == ([], ["12", "21"], 3, 2)


@pytest.mark.usefixtures("committed")
def test_the_fourth_try_is_the_last() -> None:
    tries: list[None] = []

    def body() -> None:
        keep("lost")
        tries.append(None)
        execute(SERIALIZATION_FAILURE)

    with pytest.raises(OperationalError, match="try again"):
        outer(body, actor=ADLER)
    assert (len(tries), kept(), trail("action")) == (ATTEMPTS, [], []) == (4, [], [])


@pytest.mark.usefixtures("committed")
def test_a_later_try_that_succeeds_is_audited_once() -> None:
    tries: list[None] = []

    def body() -> None:
        keep("held")
        tries.append(None)
        if len(tries) < ATTEMPTS:
            execute(SERIALIZATION_FAILURE)

    outer(body, actor=ADLER)
    assert (kept(), trail("action")) == (["held"], ["test.outer"])


@pytest.mark.usefixtures("committed")
def test_another_fault_is_not_retried() -> None:
    tries: list[None] = []

    def body() -> None:
        tries.append(None)
        keep("same")
        keep("same")

    with pytest.raises(IntegrityError):
        outer(body, actor=ADLER)
    assert (len(tries), kept()) == (1, [])


@pytest.mark.usefixtures("db")
def test_inside_a_transaction_of_somebody_else_there_is_one_try() -> None:
    tries: list[None] = []

    def body() -> None:
        tries.append(None)
        execute(SERIALIZATION_FAILURE)

    with pytest.raises(OperationalError):
        outer(body, actor=ADLER)
    assert len(tries) == 1

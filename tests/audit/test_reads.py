"""The row of a read is written without waiting for the disk, and that ends with it."""

import pytest
from django.db import transaction

from ehr.audit.trail import Row, write_read
from ehr.lib.tenancy import connection
from tests.audit.sample import ADLER, BELL, outer, trail

READ = Row("test.read", BELL, "round", patient_id="p1", entities=("Patient/p1",), detail={"count": 1})


def synchronous_commit() -> str:
    with connection().cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


@pytest.mark.usefixtures("committed")
def test_a_read_is_audited_and_later_commits_wait_for_the_disk_again() -> None:
    write_read(READ)
    write_read(Row("test.read", ADLER))
    assert synchronous_commit() == "on"
    fields = ("action", "outcome", "actor_id", "on_behalf_of", "reason", "patient_id", "entities", "detail")
    assert trail(*fields) == [
        ("test.read", "success", "bell", "adler", "round", "p1", ["Patient/p1"], {"count": 1}),
        ("test.read", "success", "adler", None, None, None, [], {}),
    ]


@pytest.mark.usefixtures("committed")
def test_the_row_of_a_read_is_written_with_synchronous_commit_off() -> None:
    with connection().cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE seen (setting text)")
    assert synchronous_commit() == "on"
    with connection().cursor() as cursor:
        cursor.execute(
            """WITH lazily AS (SELECT set_config('synchronous_commit', 'off', true))
            INSERT INTO seen SELECT current_setting('synchronous_commit') FROM lazily RETURNING setting"""
        )
        assert cursor.fetchone() == ("off",)  # the statement's form does what write_read relies on
    assert synchronous_commit() == "on"


@pytest.mark.usefixtures("committed")
def test_a_read_inside_a_write_leaves_the_write_durable() -> None:
    def body() -> str:
        write_read(READ)
        return synchronous_commit()

    assert outer(body, actor=ADLER) == "on"
    assert trail("action") == ["test.read", "test.outer"]


@pytest.mark.usefixtures("committed")
def test_a_read_inside_a_transaction_goes_with_it() -> None:
    with transaction.atomic(using="general"):
        write_read(READ)
        transaction.set_rollback(True, using="general")
    assert trail("action") == []

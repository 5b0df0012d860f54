"""What the product's database backend adds to Django's: cheap health checks, and statements for hot paths."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError, transaction

from ehr.lib import tenancy
from ehr.lib.postgresql.statements import KEPT, Statement, array, begin, boolean, instant, text

pytestmark = pytest.mark.usefixtures("committed")


def _backend() -> int:
    return int(Statement("SELECT pg_backend_pid()", int).run()[0][0])


def _ended_by_the_server(superuser: "psycopg.Connection[object]") -> int:
    """Ends the current connection from the server's side, as a restart does; the pid of what served it."""
    pid = _backend()
    superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    return pid


def test_a_connection_that_the_server_ended_is_replaced_at_the_next_request(
    superuser_connection: "psycopg.Connection[object]",
) -> None:
    pid = _ended_by_the_server(superuser_connection)
    wrapper = tenancy.connection()
    assert wrapper.is_usable() is False
    wrapper.close_if_unusable_or_obsolete()  # what Django does at the beginning of a request
    wrapper.close_if_health_check_failed()
    assert _backend() != pid
    assert wrapper.is_usable() is True


def test_asking_a_quiet_connection_sends_nothing() -> None:
    wrapper = tenancy.connection()
    pid = _backend()
    another = wrapper.copy()
    with another.cursor() as cursor:
        cursor.execute("SELECT state_change FROM pg_stat_activity WHERE pid = %s", [pid])
        before = cursor.fetchone()
        assert wrapper.is_usable() is True
        cursor.execute("SELECT state_change FROM pg_stat_activity WHERE pid = %s", [pid])
        assert cursor.fetchone() == before
    another.close()


def test_a_lost_connection_surfaces_as_djangos_error(superuser_connection: "psycopg.Connection[object]") -> None:
    statement = Statement("SELECT 1", int)
    assert statement.run() == [(1,)]
    _ended_by_the_server(superuser_connection)
    with pytest.raises(OperationalError):
        statement.run()
    tenancy.connection().close()
    assert statement.run() == [(1,)]


def test_columns_come_through_their_converters() -> None:
    statement = Statement(
        "SELECT $1::int8, $2::text, $3::bool, $4::timestamptz, $5::text[]", int, text, boolean, instant, text
    )
    assert statement.run("9007199254740993", "Zoë", "f", "2026-03-08T07:30:00.001Z", array(["null", "a"])) == [
        (9007199254740993, "Zoë", False, datetime(2026, 3, 8, 7, 30, 0, 1000, tzinfo=UTC), '{"null",a}')
    ]
    assert statement.run(None, None, None, None, None) == [(None, None, None, None, None)]
    assert statement.run("1", "", "true", "2026-03-08T07:30:00Z", array([]))[0][1:3] == ("", True)


@pytest.mark.parametrize("value", ["null", 'a "quoted" one', "back\\slash", "with, comma {and} braces", " ", ""])
def test_an_array_comes_as_it_was_given(value: str) -> None:
    lengths = Statement("SELECT cardinality($1::text[]), ($1::text[])[2]", int, text)
    assert lengths.run(array(["first", value])) == [(2, value)]


def test_a_nul_is_refused_not_cut_off() -> None:
    statement = Statement("SELECT $1::text", text)
    assert statement.run("ab") == [("ab",)]
    with pytest.raises(DataError):
        statement.run("a\0b")


def test_statements_stay_prepared_after_a_rollback() -> None:
    statement = Statement("SELECT $1::int", int)
    for number in range(12):  # more than after which a cursor would begin to prepare
        with tenancy.raw_cursor() as cursor:
            cursor.execute("SELECT 1 + %s", [number])
        assert statement.run(str(number)) == [(number,)]
        with transaction.atomic(using=tenancy.current_tenant()):
            statement.run("0")
            transaction.set_rollback(True, using=tenancy.current_tenant())
        with transaction.atomic(using=tenancy.current_tenant()):
            with pytest.raises(IntegrityError), transaction.atomic(using=tenancy.current_tenant()):
                raise IntegrityError
            assert statement.run("7") == [(7,)]


def test_errors_are_djangos_and_leave_the_connection_usable() -> None:
    with pytest.raises(ProgrammingError):
        Statement("SELECT no_such_column").run()
    with pytest.raises(IntegrityError) as caught, transaction.atomic(using=tenancy.current_tenant()):
        Statement(
            "INSERT INTO django_content_type (app_label, model) SELECT app_label, model FROM django_content_type"
        ).run()
    assert isinstance(caught.value.__cause__, psycopg.errors.UniqueViolation)
    assert Statement("SELECT 1", int).run() == [(1,)]


def test_a_statement_joins_the_transaction_that_atomic_announced() -> None:
    named = Statement("SELECT current_setting('ehr.action', true)", text)
    with transaction.atomic(using=tenancy.current_tenant()):
        assert begin(and_then="; SELECT set_config('ehr.action', 'first', true)") is True
        assert begin(and_then="; SELECT set_config('ehr.action', 'second', true)") is False
        assert named.run() == [("first",)]
    assert named.run() == [("",)]


def test_what_is_prepared_is_bounded() -> None:
    for number in range(KEPT + 5):
        assert Statement(f"SELECT {number}", int).run() == [(number,)]
    assert Statement("SELECT count(*) FROM pg_prepared_statements", int).run() == [(KEPT,)]

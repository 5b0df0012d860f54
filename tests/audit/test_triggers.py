"""What goes past Django meets the triggers: of the application's role, and of the owner too."""

from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.audit.sample import ADLER, keep, kept, outer

COLUMNS = "client_id, idempotency_key, digest, status, location, etag, body, created_at"
INSERT = f"INSERT INTO fhir_idempotent_request ({COLUMNS}) VALUES ('c', 'new', '', 201, '', '', '', now())"
WRITES = [INSERT, "UPDATE fhir_idempotent_request SET status = 500", "DELETE FROM fhir_idempotent_request"]
TABLES = ["audit_event", "audit_seal"]


@pytest.mark.parametrize("statement", WRITES)
def test_raw_sql_of_the_owner_is_refused_outside_an_action(
    owner_connection: psycopg.Connection[Any], statement: str
) -> None:
    outer(lambda: keep("old"), actor=ADLER)
    with pytest.raises(InsufficientPrivilege, match="outside an action"):
        owner_connection.execute(statement)
    assert kept() == ["old"]


def test_raw_sql_of_the_application_is_refused_outside_and_done_inside_an_action(
    app_connection: psycopg.Connection[Any],
) -> None:
    with pytest.raises(InsufficientPrivilege, match="outside an action"):
        app_connection.execute(INSERT)
    with app_connection.transaction():
        app_connection.execute("SELECT set_config('ehr.action', 'test.raw', true)")
        app_connection.execute(INSERT)
    assert kept() == ["new"]
    with pytest.raises(InsufficientPrivilege, match="outside an action"):  # the setting ended with its transaction
        app_connection.execute(INSERT.replace("new", "newer"))


def test_copy_is_refused_outside_an_action(owner_connection: psycopg.Connection[Any]) -> None:
    line = b"c\tnew\t\\\\x\t201\t\t\t\t2026-03-14 12:00:00+00\n"
    copy_in = f"COPY fhir_idempotent_request ({COLUMNS}) FROM STDIN"
    with (
        pytest.raises(InsufficientPrivilege, match="outside an action"),
        owner_connection.cursor().copy(copy_in) as copy,
    ):
        copy.write(line)
    with owner_connection.transaction():
        owner_connection.execute("SELECT set_config('ehr.action', 'test.copy', true)")
        with owner_connection.cursor().copy(copy_in) as copy:
            copy.write(line)
    assert kept() == ["new"]


@pytest.mark.parametrize("table", ["fhir_idempotent_request", *TABLES])
def test_truncate_is_refused_also_inside_an_action(owner_connection: psycopg.Connection[Any], table: str) -> None:
    owner_connection.execute("SELECT set_config('ehr.action', 'test.truncate', false)")
    with pytest.raises(InsufficientPrivilege, match="append-only"):
        owner_connection.execute(f"TRUNCATE {table}")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_evidence_is_append_only(
    owner_connection: psycopg.Connection[Any], app_connection: psycopg.Connection[Any], table: str, change: str
) -> None:
    outer(lambda: keep("old"), actor=ADLER)
    column = {"audit_event": "action", "audit_seal": "head"}[table]
    statement = change.format(table, column, column)
    with pytest.raises(InsufficientPrivilege, match="append-only"):
        owner_connection.execute(statement)
    with pytest.raises(InsufficientPrivilege, match="permission denied"):
        app_connection.execute(statement)


def test_the_application_cannot_switch_the_triggers_off(app_connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(InsufficientPrivilege):
        app_connection.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
    with pytest.raises(InsufficientPrivilege):
        app_connection.execute("SET session_replication_role = replica")

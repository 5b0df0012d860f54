"""What the application's role may do in a tenant's database, as `migrate_tenants` grants it."""

import subprocess
import sys

import psycopg
import pytest
from django.apps import apps

from ehr.audit.records import AppendOnly, Record
from ehr.lib.tenancy import connection, use_tenant
from tests.plumbing.environment import ROOT

RECORDS = sorted(m._meta.db_table for m in apps.get_models() if issubclass(m, Record) and not m.derived)
DERIVED = sorted(m._meta.db_table for m in apps.get_models() if issubclass(m, Record) and m.derived)
EVIDENCE = sorted(m._meta.db_table for m in apps.get_models() if issubclass(m, AppendOnly))


def _rights(table: str) -> set[str]:
    names = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) name WHERE has_table_privilege(current_user, %s, name)",
            [list(names), f'public."{table}"'],
        )
        return {row[0] for row in cursor}


@pytest.mark.parametrize("table", RECORDS)
def test_records_are_never_deleted(db: None, table: str) -> None:
    assert _rights(table) == {"SELECT", "INSERT", "UPDATE"}


@pytest.mark.parametrize("table", DERIVED)
def test_derived_rows_may_be_rebuilt(db: None, table: str) -> None:
    assert _rights(table) == {"SELECT", "INSERT", "UPDATE", "DELETE"}


@pytest.mark.parametrize("table", EVIDENCE)
def test_evidence_is_only_appended(db: None, table: str) -> None:
    assert _rights(table) == {"SELECT", "INSERT"}


def test_migrations_are_the_owners(db: None) -> None:
    assert _rights("django_migrations") == {"SELECT"}


def test_application_owns_nothing_and_is_nobody_special(db: None) -> None:
    with connection().cursor() as cursor:
        cursor.execute(
            """SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
                (SELECT count(*) FROM pg_class WHERE relowner = r.oid),
                (SELECT count(*) FROM pg_proc WHERE proowner = r.oid)
            FROM pg_roles r WHERE rolname = current_user"""
        )
        assert cursor.fetchone() == (False, False, False, False, False, 0, 0)


TAKING_THE_GUARDS_AWAY = (
    "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "DROP TRIGGER ehr_append_only ON audit_event",
    "SET session_replication_role = replica",
    "ALTER TABLE fhir_resource DISABLE TRIGGER ehr_demand_action",
    "CREATE TABLE mine (id int)",
    "TRUNCATE audit_event",
    "DELETE FROM fhir_resource",
    "UPDATE audit_event SET actor_name = 'nobody'",
    "DROP FUNCTION ehr_demand_action CASCADE",
)


def test_application_cannot_take_the_guards_away(app_connection: psycopg.Connection) -> None:
    app_connection.execute("SELECT count(*) FROM audit_event")
    for statement in TAKING_THE_GUARDS_AWAY:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_connection.execute(statement)


def test_owner_cannot_change_evidence_either(owner_connection: psycopg.Connection) -> None:
    owner_connection.execute(
        """INSERT INTO audit_event (action, outcome, actor_kind, actor_id, actor_name, correlation_id, entities, detail)
        VALUES ('test.append', 'success', 'system', '1', 'test', gen_random_uuid(), '{}', '{}')"""
    )
    for statement in ("UPDATE audit_event SET reason = 'other'", "DELETE FROM audit_event", "TRUNCATE audit_event"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            owner_connection.execute(statement)
    assert owner_connection.execute("SELECT count(*) FROM audit_event").fetchone() == (1,)


def test_other_tenants_database_has_the_same_rights(db: None) -> None:
    """Grants are made per database; the second one is not forgotten."""
    query = """SELECT table_name, privilege_type FROM information_schema.role_table_grants
        WHERE grantee = current_user ORDER BY 1, 2"""
    grants = []
    for alias in ("general", "valley"):
        with use_tenant(alias), connection().cursor() as cursor:
            cursor.execute(query)
            grants.append(cursor.fetchall())
    assert grants[0] == grants[1]


def _migrate(environment: dict[str, str], **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "migrate_tenants"],
        cwd=ROOT,
        env={**environment, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_migrating_again_changes_nothing_and_lists_every_tenant(committed: dict[str, str]) -> None:
    done = _migrate(committed, EHR_DATABASE_ROLE="owner")
    assert (done.returncode, done.stdout) == (
        0,
        "general: Parkersburg General Hospital: up to date\nvalley: Valley Clinic: up to date\n",
    ), done.stderr


def test_migrating_as_the_application_is_refused(committed: dict[str, str]) -> None:
    done = _migrate({name: value for name, value in committed.items() if name != "EHR_DATABASE_ROLE"})
    assert (done.returncode, done.stderr) == (
        1,
        "CommandError: migrations run as the owner: set EHR_DATABASE_ROLE=owner\n",
    )

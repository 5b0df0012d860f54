"""The database's half of the guards: what no Python code, COPY or raw SQL can slip past."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models import Model

from ehr.audit.records import AppendOnly, Record

FUNCTIONS = """
CREATE OR REPLACE FUNCTION ehr_demand_action() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('ehr.action', true), '') = '' THEN
    RAISE EXCEPTION 'write to % outside an action', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION ehr_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""


def install_guards(sender: AppConfig, using: str, **kwargs: Any) -> None:  # noqa: ARG001 - a post_migrate receiver
    """After an app is migrated, its guarded tables get their triggers. Safe to repeat.

    Migrated backwards, an app has models whose tables are not there.
    """
    guards = {model._meta.db_table: sql for model in sender.get_models() if (sql := guard_sql(model))}  # noqa: SLF001 - Django's public meta API
    if not guards:
        return
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        for table in guards.keys() & set(connection.introspection.table_names(cursor)):
            cursor.execute(guards[table])


def guard_sql(model: type[Model]) -> str | None:
    """The triggers that the table of `model` needs, None when it is not guarded."""
    table = model._meta.db_table  # noqa: SLF001 - Django's public meta API
    if issubclass(model, Record):
        return demand_action_sql(table)
    if issubclass(model, AppendOnly):
        return append_only_sql(table)
    return None


def demand_action_sql(table: str) -> str:
    """The triggers by which `table` refuses any write outside an action, and any TRUNCATE."""
    return f"""
        CREATE OR REPLACE TRIGGER ehr_demand_action BEFORE INSERT OR UPDATE OR DELETE ON "{table}"
            FOR EACH STATEMENT EXECUTE FUNCTION ehr_demand_action();
        CREATE OR REPLACE TRIGGER ehr_refuse_truncate BEFORE TRUNCATE ON "{table}"
            FOR EACH STATEMENT EXECUTE FUNCTION ehr_refuse_change();
    """


def append_only_sql(table: str) -> str:
    """The triggers by which `table` takes new rows and refuses every change of an old one."""
    return f"""
        CREATE OR REPLACE TRIGGER ehr_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}"
            FOR EACH STATEMENT EXECUTE FUNCTION ehr_refuse_change();
    """

"""Every table that holds the truth is guarded by the database itself, whatever the code forgets."""

import pytest
from django.apps import apps
from django.db.models import Model

from ehr.audit.records import AppendOnly, Record
from ehr.lib.tenancy import connection, use_tenant
from tests.architecture.tree import sources

OURS = [model for model in apps.get_models() if model.__module__.startswith("ehr.")]
GUARDS = {Record: {"ehr_demand_action", "ehr_refuse_truncate"}, AppendOnly: {"ehr_append_only"}}

# Tables that are neither Records nor evidence, and why that is right.
UNGUARDED = {
    "access.UsedAssertion": "a nonce that is used up; swept when it has expired",
    "audit.OutboxMessage": "work to do, worked off by the delivery machinery outside any action",
}


def guards_of(model: type[Model]) -> set[str]:
    """The triggers that the table of this model must carry."""
    return set().union(*(triggers for base, triggers in GUARDS.items() if issubclass(model, base)))


def missing(wanted: dict[str, set[str]], present: dict[str, set[str]]) -> list[str]:
    """ "table: trigger" for every guard that is wanted and not there."""
    return sorted(
        f"{table}: {trigger}" for table, triggers in wanted.items() for trigger in triggers - present.get(table, set())
    )


def test_rule_tells_good_from_bad() -> None:
    assert missing({"a": {"x", "y"}}, {"a": {"x", "y", "z"}}) == []
    assert missing({"a": {"x", "y"}, "b": {"x"}}, {"a": {"x"}}) == ["a: y", "b: x"]


@pytest.mark.parametrize("alias", ["general", "valley"])
def test_every_guarded_table_has_its_triggers(db: None, alias: str) -> None:
    with use_tenant(alias), connection().cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, array_agg(t.tgname::text) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') GROUP BY c.relname"""
        )
        present = {table: set(triggers) for table, triggers in cursor.fetchall()}
    assert missing({model._meta.db_table: guards_of(model) for model in OURS}, present) == []


def test_every_table_is_guarded_or_says_why_not() -> None:
    unguarded = {model._meta.label for model in OURS if not issubclass(model, Record | AppendOnly)}
    assert unguarded == set(UNGUARDED)


def test_no_record_has_a_door_for_writes_outside_an_action() -> None:
    """A manager of its own must not open a way around the guarded one."""
    open_doors = [
        f"{model._meta.label}.{manager.name}"
        for model in OURS
        if issubclass(model, Record)
        for manager in model._meta.managers
        if manager.get_queryset().update.__qualname__ != "RecordQuerySet.update"
    ]
    assert open_doors == []


def test_clinical_tables_belong_to_apps_with_migrations() -> None:
    """No table is made outside a migration."""
    created = [
        source.path for source in sources("ehr") if "CREATE TABLE" in source.text and "/migrations/" not in source.path
    ]
    assert created == []

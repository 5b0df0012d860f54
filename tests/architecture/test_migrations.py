"""Migrations expand, then contract, and every step can be taken back or says why not."""

import importlib
import re
from collections.abc import Iterator, Sequence

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

CONTRACTING = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
NUMBERED = re.compile(r"\d{4}_[a-z0-9_]+")


def _ours() -> list[migrations.Migration]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return [
        migration for _, migration in sorted(loader.disk_migrations.items()) if migration.__module__.startswith("ehr.")
    ]


OURS = _ours()
each_migration = pytest.mark.parametrize("migration", OURS, ids=lambda m: f"{m.app_label}.{m.name}")


def irreversible(operations: Sequence[Operation]) -> Iterator[str]:
    """What cannot be taken back."""
    for operation in operations:
        if not operation.reversible:
            yield operation.describe()
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from irreversible(operation.database_operations)


def contracting(operations: Sequence[Operation]) -> Iterator[str]:
    """What code of the version before would miss on the new schema."""
    for operation in operations:
        if isinstance(operation, CONTRACTING):
            yield operation.describe()
        if isinstance(operation, migrations.AddField) and _breaks_old_inserts(operation.field):
            yield f"{operation.describe()}: NOT NULL without a database default"


def _breaks_old_inserts(field: models.Field) -> bool:
    return not (field.null or field.has_db_default() or field.many_to_many or getattr(field, "generated", False))


def _docstring(migration: migrations.Migration) -> str:
    return importlib.import_module(migration.__module__).__doc__ or ""


def test_rule_tells_good_from_bad() -> None:
    good = [migrations.RunSQL("SELECT 1", "SELECT 2"), migrations.AddField("lab", "note", models.TextField(null=True))]
    bad = [migrations.RunSQL("SELECT 1"), migrations.AddField("lab", "note", models.TextField())]
    assert (list(irreversible(good)), list(contracting(good))) == ([], [])
    assert len(list(irreversible(bad))) == 1
    assert len(list(contracting(bad))) == 1


@each_migration
def test_can_be_taken_back_or_says_why_not(migration: migrations.Migration) -> None:
    if "Irreversible:" not in _docstring(migration):
        assert list(irreversible(migration.operations)) == []


@each_migration
def test_old_code_runs_on_the_new_schema_or_the_migration_says_contract(migration: migrations.Migration) -> None:
    if not migration.initial and "Contract:" not in _docstring(migration):
        assert list(contracting(migration.operations)) == []


@each_migration
def test_is_numbered_and_named_for_what_it_does(migration: migrations.Migration) -> None:
    assert NUMBERED.fullmatch(migration.name)
    assert "_auto_" not in migration.name


def test_one_line_of_migrations_per_app() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    assert loader.detect_conflicts() == {}

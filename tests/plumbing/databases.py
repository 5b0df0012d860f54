"""Templates migrated once, clones per test process: what the tests' databases are made of.

A template is named by a hash of everything that shapes the schema, so the next run finds it ready.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections, transaction
from psycopg import sql

from tests.plumbing import environment
from tests.plumbing.environment import ROOT, Clone, with_database


class MigrationFailed(RuntimeError):
    """The tree's migrations do not run; says what `migrate_tenants` said."""


def templates() -> list[Clone]:
    """The migrated template of every tenant, made now unless an earlier run left it."""
    wanted = [
        clone.renamed(f"{clone.base}_template_{os.environ['EHR_TEST_SCHEMA']}") for clone in environment.worker_clones()
    ]
    with _maintenance(wanted[0]) as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [wanted[0].base])
        if not all(_exists(template) for template in wanted):
            _build(wanted)
        cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [wanted[0].base])
    return wanted


def create(clone: Clone, template: Clone) -> None:
    """Makes the clone; one of that name is dropped first."""
    with _maintenance(clone) as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(clone.name)))
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(clone.name), sql.Identifier(template.name))
        )


def drop(clone: Clone) -> None:
    """Drops the clone, whoever is still connected to it."""
    with _maintenance(clone) as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(clone.name)))


def drop_leftovers() -> None:
    """Drops clones of runs that were killed, and templates of schemas that are no more."""
    for clone in environment.worker_clones():
        for name in _databases_like(clone):
            run = re.fullmatch(re.escape(clone.base) + r"_run(\d+)_.*", name)
            if run and not Path(f"/proc/{run[1]}").exists():
                drop(clone.renamed(name))


def point_at(clones: Sequence[Clone]) -> None:
    """From now on every connection of this process goes to these clones."""
    for clone in clones:
        connections.settings[clone.alias]["NAME"] = clone.name
        connection = connections[clone.alias]
        connection.close()
        connection.settings_dict["NAME"] = clone.name


@contextmanager
def rolled_back(alias: str) -> Iterator[None]:
    """A transaction, or a savepoint in one, that is rolled back at the end of this block."""
    with transaction.atomic(using=alias):
        try:
            yield
        finally:
            transaction.set_rollback(True, using=alias)


def connect(url: str) -> psycopg.Connection[Any]:
    """A plain connection beside Django's, each statement committed at once."""
    return psycopg.connect(url, autocommit=True)


def _build(wanted: Sequence[Clone]) -> None:
    """Migrates one database per server and pair of roles, and copies it for the other tenants there."""
    for template in wanted:
        for name in _databases_like(template):
            if "_template_" in name:
                _unlock_and_drop(template.renamed(name))
    migrated: dict[tuple[str, str], Clone] = {}
    for template in wanted:
        unfinished = template.renamed(f"{template.base}_building")
        logins = with_database(template.owner_url(), ""), with_database(template.app_url(), "")
        if logins in migrated:
            create(unfinished, migrated[logins])
        else:
            _create_empty(unfinished)
            _migrate(unfinished)
            migrated[logins] = unfinished
    for template in wanted:
        _finish(template)


def _create_empty(clone: Clone) -> None:
    with _maintenance(clone) as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(clone.name)))
        cursor.execute(
            sql.SQL(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
            ).format(sql.Identifier(clone.name))
        )


def _finish(template: Clone) -> None:
    building, name = sql.Identifier(f"{template.base}_building"), sql.Identifier(template.name)
    with _maintenance(template) as cursor:
        cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(building, name))
        cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))


def _migrate(unfinished: Clone) -> None:
    tenants = environment.write_tenants(environment.state_dir() / "templates.json", [unfinished])
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate_tenants", "--skip-checks"],  # the checks have a test of their own
        cwd=ROOT,
        env=os.environ
        | {
            "EHR_TENANTS": str(tenants),
            "EHR_DATABASE_ROLE": "owner",
            "DJANGO_SETTINGS_MODULE": "ehr.config.settings",
        },
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise MigrationFailed(done.stderr)


def _unlock_and_drop(template: Clone) -> None:
    with _maintenance(template) as cursor:
        cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(template.name)))
    drop(template)


def _exists(clone: Clone) -> bool:
    return clone.name in _databases_like(clone)


def _databases_like(clone: Clone) -> list[str]:
    with _maintenance(clone) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{clone.base}_"])
        return [row[0] for row in cursor]


@contextmanager
def _maintenance(clone: Clone) -> Iterator[psycopg.Cursor[Any]]:
    with connect(clone.maintenance_url()) as connection, connection.cursor() as cursor:
        yield cursor

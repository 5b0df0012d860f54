"""Committed clones used again: emptied after a test when nothing but rows changed, which is quicker than a new clone.

DROP DATABASE waits for a checkpoint, CREATE DATABASE writes ten megabytes. What a test did to schema, rights, functions
or rows of the template itself makes its clone unfit, and a new one is made.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from tests.plumbing import databases
from tests.plumbing.environment import Clone

SCHEMA: LiteralString = """
SELECT coalesce(md5(string_agg(line, E'\\n' ORDER BY line)), '') FROM (
    SELECT format('relation %s %s %s', oid::regclass, relkind, relacl) AS line
      FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT format('column %s %s %s %s', attrelid::regclass, attname, atttypid::regtype, attnotnull)
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT format('trigger %s %s %s', tgrelid::regclass, tgname, tgenabled)
      FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT format('function %s %s %s', proname, proacl, md5(prosrc))
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT format('setting %s', setconfig) FROM pg_db_role_setting
      WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
) AS described"""
TABLES: LiteralString = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
LOCK_WAIT = "3s"


@dataclass(frozen=True)
class State:
    """What a fresh clone is like: its schema, and the rows that it was born with."""

    schema: str
    seeds: dict[str, str]


class Pool:
    """The committed clones of this process: handed to one test at a time."""

    def __init__(self, templates: Sequence[Clone], drops: Executor) -> None:
        self._templates = templates
        self._drops = drops
        self._made = 0
        self._ready: list[tuple[Clone, State]] = []

    def take(self, workers: Sequence[Clone]) -> list[Clone]:
        """Clones without a row more than their templates."""
        if not self._ready:
            self._made += 1
            clones = [clone.renamed(f"{clone.name}_{self._made}") for clone in workers]
            for clone, template in zip(clones, self._templates, strict=True):
                databases.create(clone, template)
            self._ready = [(clone, _state(clone)) for clone in clones]
        return [clone for clone, _ in self._ready]

    def give_back(self) -> None:
        """Empties the clones for the next test; drops them when that is not enough."""
        if not all(_emptied(clone, fresh) for clone, fresh in self._ready):
            self.discard()

    def discard(self) -> None:
        """Drops the clones in the background."""
        for clone, _ in self._ready:
            self._drops.submit(databases.drop, clone)
        self._ready = []


def _state(clone: Clone) -> State:
    with databases.connect(clone.owner_url()) as connection:
        return State(_value(connection, SCHEMA), {table: _rows(connection, table) for table in _filled(connection)})


def _emptied(clone: Clone, fresh: State) -> bool:
    try:
        with databases.connect(clone.owner_url()) as connection:
            if _value(connection, SCHEMA) != fresh.schema:
                return False
            with connection.transaction():
                _empty(connection, sorted(set(_filled(connection)) - set(fresh.seeds)), set(fresh.seeds))
            return {table: _rows(connection, table) for table in _filled(connection)} == fresh.seeds
    except (psycopg.errors.LockNotAvailable, psycopg.OperationalError):
        return False  # somebody is still at work in it, or a test has made it unreachable


def _empty(connection: psycopg.Connection[Any], tables: Sequence[str], seeds: set[str]) -> None:
    connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_WAIT)))
    _switch_triggers(connection, sql.SQL("DISABLE"))
    if tables:
        listed = sql.SQL(", ").join(map(sql.Identifier, tables))
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(listed))
    _switch_triggers(connection, sql.SQL("ENABLE"))
    connection.execute(
        """SELECT setval(s.oid::regclass, q.start_value, false)
        FROM pg_class s JOIN pg_sequences q ON q.sequencename = s.relname AND q.schemaname = 'public'
        LEFT JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i') AND d.classid = 'pg_class'::regclass
        WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace AND q.last_value IS NOT NULL
          AND coalesce(d.refobjid::regclass::text, '') <> ALL(%s)""",
        [sorted(seeds)],
    )


def _switch_triggers(connection: psycopg.Connection[Any], verb: sql.SQL) -> None:
    guarded = connection.execute(
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    ).fetchall()
    for (table,) in guarded:
        connection.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier(table), verb))


def _filled(connection: psycopg.Connection[Any]) -> list[str]:
    """The tables that hold any row."""
    tables = [table for (table,) in connection.execute(TABLES).fetchall()]
    asked = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(table), sql.Identifier(table))
        for table in tables
    ]
    return [table for (table,) in connection.execute(sql.SQL(" UNION ALL ").join(asked)).fetchall()]


def _rows(connection: psycopg.Connection[Any], table: str) -> str:
    query = sql.SQL("SELECT md5(string_agg(r::text, E'\\n' ORDER BY r::text)) FROM {} AS r").format(
        sql.Identifier(table)
    )
    return _value(connection, query)


def _value(connection: psycopg.Connection[Any], query: LiteralString | sql.Composed) -> str:
    row = connection.execute(query).fetchone()
    assert row is not None
    return str(row[0])

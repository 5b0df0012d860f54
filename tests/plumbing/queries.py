"""Counting what is asked of the database, by the ORM and past it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from ehr.lib.postgresql.statements import Statement

TRANSACTION_CONTROL = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collects the SQL of every statement sent in this block, transaction control left out.

    Counted where they are sent, so that those beside Django's cursors (`raw_cursor`, `Statement`) are seen too.
    """
    seen: list[str] = []
    originals = {name: getattr(psycopg.Cursor, name) for name in ("execute", "executemany", "copy")}

    def watching(name: str) -> Any:
        def send(self: psycopg.Cursor[Any], query: Any, *args: Any, **kwargs: Any) -> Any:
            statement = (
                query
                if isinstance(query, str)
                else query.decode()
                if isinstance(query, bytes)
                else query.as_string(self)
            )
            if not TRANSACTION_CONTROL.match(statement):
                seen.append(statement)
            return originals[name](self, query, *args, **kwargs)

        return send

    run = Statement.run

    def watched_run(self: Statement, *parameters: str | None) -> Any:
        seen.append(self.sql)
        return run(self, *parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Statement, "run", watched_run)
        for name in originals:
            patch.setattr(psycopg.Cursor, name, watching(name))
        yield seen


@contextmanager
def exactly(count: int) -> Iterator[list[str]]:
    """Fails unless this block sends exactly `count` statements; the failure lists them."""
    with counted() as seen:
        yield seen
    if len(seen) != count:
        listing = "\n".join(f"{number:3}. {' '.join(statement.split())}" for number, statement in enumerate(seen, 1))
        pytest.fail(f"{len(seen)} statements, expected {count}:\n{listing}", pytrace=False)

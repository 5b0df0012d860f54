"""Statements of the hot paths: prepared on the server, run without a cursor.

A cursor decides anew for each run how to convert parameters and results; that costs several times what the statement
itself does. A `Statement` knows it beforehand: parameters go as texts ("$1::int8[]" makes of them what it wants), each
column of the result comes through the converter that was named for it.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg import DataError, pq

from ehr.lib import tenancy
from ehr.lib.postgresql.base import checked

if TYPE_CHECKING:
    from collections import OrderedDict

    from ehr.lib.postgresql.base import DatabaseWrapper

Converter = Callable[[bytes], Any]

_ESCAPED, _BACKSLASHED = re.compile(r'(["\\])'), r"\\\1"
KEPT = 200  # prepared statements of a connection; the one that was not run for longest makes room


def text(value: bytes) -> str:
    """A text column."""
    return value.decode()


def instant(value: bytes) -> datetime:
    """A timestamptz column, in a session whose DateStyle is ISO."""
    return datetime.fromisoformat(value.decode())


def boolean(value: bytes) -> bool:
    """A boolean column."""
    return value == b"t"


def array(values: Iterable[str]) -> str:
    """The literal of an array of texts."""
    return "{" + ",".join(f'"{_ESCAPED.sub(_BACKSLASHED, value)}"' for value in values) + "}"


def begin(and_then: str) -> bool:
    """Begins the transaction that `atomic` has announced, and runs `and_then` ("; SELECT …") in the same round trip.

    False, and nothing is run, when it has begun before.
    """
    wrapper = _connected()
    with wrapper.wrap_database_errors:
        return wrapper.begin(and_then.encode())


class Statement:
    """One SQL statement with parameters $1, $2 …, and the converters of its result's columns, NULL being None.

    Its connection must not prepare statements by itself (`prepare_threshold`): psycopg would deallocate ours with its
    own after a rollback.
    """

    def __init__(self, sql: str, *columns: Converter) -> None:
        self.sql = sql
        self._columns = tuple(enumerate(columns))

    def run(self, *parameters: str | None) -> list[tuple[Any, ...]]:
        """Runs on the current tenant's connection, in its transaction; the rows.

        Database errors surface as Django's, as from its cursors.
        """
        wrapper = _connected()
        with wrapper.wrap_database_errors:
            wrapper.begin()
            server = wrapper.connection.pgconn
            name = self._prepared(server, wrapper.prepared)
            values = [None if value is None else _encoded(value) for value in parameters]
            return self._rows(checked(server, server.exec_prepared(name, values)))

    def _prepared(self, server: pq.abc.PGconn, prepared: "OrderedDict[Statement, bytes]") -> bytes:
        name = prepared.get(self)
        if name is not None:
            prepared.move_to_end(self)
            return name
        if len(prepared) >= KEPT:
            _, oldest = prepared.popitem(last=False)
            checked(server, server.exec_(b"DEALLOCATE " + oldest))
        name = f"statement_{id(self)}".encode()
        checked(server, server.prepare(name, self.sql.encode()))
        prepared[self] = name
        return name

    def _rows(self, result: pq.abc.PGresult) -> list[tuple[Any, ...]]:
        value, columns = result.get_value, self._columns
        return [
            tuple([None if (cell := value(row, number)) is None else convert(cell) for number, convert in columns])
            for row in range(result.ntuples)
        ]


def _encoded(value: str) -> bytes:
    data = value.encode()
    if b"\0" in data:  # libpq would take it for the end of the value
        raise DataError("a text of PostgreSQL holds no NUL")
    return data


def _connected() -> "DatabaseWrapper":
    wrapper: DatabaseWrapper = tenancy.connection()  # type: ignore[assignment] # the ENGINE of every tenant
    if wrapper.connection is None or not wrapper.health_check_done:
        wrapper.close_if_health_check_failed()
        wrapper.ensure_connection()
    return wrapper

"""COPY as the product writes it: every value comes back as it went in."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from ehr.lib import json
from ehr.lib.dates import EARLIEST
from ehr.lib.postgresql.copying import copy_rows
from ehr.lib.tenancy import raw_cursor

pytestmark = pytest.mark.usefixtures("db")

ODD = [
    "",
    "plain",
    "\\",
    "\\.",
    "\\N",
    "tab\there",
    "line\nfeed",
    "return\r",
    'quote "',
    "{a,b}",
    "NULL",
    "王小明",
    "a\u00a0b",
]
INDIA = timezone(timedelta(hours=5, minutes=30))
VALUES: list[tuple[str, list[Any]]] = [
    ("text", [*ODD, None]),
    ("text[]", [[], ODD, ["a", None]]),
    ("bigint", [0, -1, 2**63 - 1, None]),
    ("bigint[]", [[], [1, -(2**63)], [1, None], None]),
    ("boolean", [True, False, None]),
    ("numeric", [Decimal("1.50"), Decimal("-0.001"), Decimal("1E+3"), Decimal("Infinity"), Decimal("-Infinity")]),
    ("numeric[]", [[Decimal("1.50"), None], []]),
    ("date", [date(2026, 11, 22)]),
    ("timestamptz", [EARLIEST, datetime(2026, 11, 22, 8, 0, 0, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=INDIA)]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "values"), VALUES)
def test_every_value_comes_back(kind: str, values: list[Any]) -> None:
    with raw_cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE copied (number integer, value {kind}) ON COMMIT DROP")
        copy_rows(cursor, "copied", ("number", "value"), enumerate(values))
        cursor.execute("SELECT value FROM copied ORDER BY number")
        assert [value for (value,) in cursor] == values


def test_json_comes_back() -> None:
    content = {"a": ["\\", 'quote "', "line\n"], "b": Decimal("1.50")}
    with raw_cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copied (value jsonb) ON COMMIT DROP")
        copy_rows(cursor, "copied", ("value",), [[Jsonb(content)]])
        cursor.execute("SELECT value::text FROM copied")
        assert [json.decode(value.encode()) for (value,) in cursor] == [content]


def test_more_rows_than_go_at_once_arrive_in_their_order() -> None:
    with raw_cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copied (number integer) ON COMMIT DROP")
        copy_rows(cursor, "copied", ("number",), ([number] for number in range(1_001)))
        cursor.execute("SELECT array_agg(number ORDER BY ctid) FROM copied")
        assert cursor.fetchall() == [(list(range(1_001)),)]


def test_a_value_of_another_type_is_an_error() -> None:
    with raw_cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copied (number integer) ON COMMIT DROP")
        with pytest.raises(KeyError):
            copy_rows(cursor, "copied", ("number",), [[1.5]])

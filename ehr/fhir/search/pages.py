"""Keyset paging: where a page ends, the statement for what follows it, and the token that carries the place.

Everything that matches throughout with an unchanged sort value arrives exactly once, whatever is written meanwhile: a
place is the sort values and the key of the last row, and the order by (sort values, key) is total. Rows without a value
for a sort key come last, ascending and descending.
"""

import base64
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.crypto import salted_hmac

from ehr.fhir.errors import BadRequest, Issue
from ehr.fhir.search.query import PAGE, Query, SortKey
from ehr.fhir.search.sql import SQL, all_of, any_of, joined, matching
from ehr.lib.tenancy import current_tenant

LONGEST_TOKEN = 8000  # characters: three sort values of 256 characters of four bytes, and room
NONCE = 12  # bytes, as AES-GCM wants

Value = datetime | Decimal | str | None


@dataclass(frozen=True, slots=True)
class Place:
    """After which row a page begins. `unvalued`: among the rows without a value for the first sort key."""

    unvalued: bool
    values: tuple[Value, ...]
    key: int


@dataclass(frozen=True, slots=True)
class Row:
    """One match and its place."""

    place: Place
    type: str
    id: str
    content: str
    patient_id: str | None


_TABLES = {
    "date": ("fhir_date_index", "{row}.low"),
    "string": ("fhir_string_index", "{row}.folded"),
    "quantity": ("fhir_quantity_index", "coalesce({row}.base_low, {row}.low)"),
}
_COLUMNS = {"id": "r.id", "last_updated": "r.last_updated"}


def walks(query: Query) -> Sequence[bool]:
    """The parts in which the matches come: those with a value for the first sort key, then (True) those without."""
    return (False, True) if query.sort and query.sort[0].by in _TABLES else (False,)


def page_of(query: Query, unvalued: bool, after: Place | None, limit: int) -> SQL:  # noqa: FBT001 - one of `walks`
    """The statement for at most `limit` rows of one part, `after` a place in it."""
    sources = [_source(number, key, unvalued=unvalued) for number, key in enumerate(query.sort)]
    conditions = [matching(query)]
    if unvalued:
        conditions.append(_without_value(query.sort[0]))
    if after is not None:
        conditions.append(_following(query.sort, after))
    values = (f"{_expression(number, key)} AS v{number}" for number, key in enumerate(query.sort))
    columns = ", ".join(["r.key", "r.type", "r.id", "r.content", "r.patient_id", *values])
    met = all_of(conditions)
    order = ", ".join([*(_order(number, key, unvalued=unvalued) for number, key in enumerate(query.sort)), "r.key"])
    tables = joined([SQL("fhir_resource r"), *(source for source in sources if source.text)], " ")
    return SQL(
        f"SELECT {columns} FROM {tables.text} WHERE {met.text} ORDER BY {order} LIMIT %s",
        (*tables.values, *met.values, limit),
    )


def read_rows(unvalued: bool, fetched: Iterable[tuple[Any, ...]]) -> list[Row]:  # noqa: FBT001 - one of `walks`
    """The rows that the statement of `page_of` gave."""
    return [
        Row(Place(unvalued, tuple(values), key), type_, id_, content, patient_id)
        for key, type_, id_, content, patient_id, *values in fetched
    ]


def _expression(number: int, key: SortKey) -> str:
    return _COLUMNS.get(key.by, f"s{number}.value")


def _order(number: int, key: SortKey, *, unvalued: bool) -> str:
    """NULLS LAST only where there may be nulls: no index gives a descending order with it."""
    never_null = key.by in _COLUMNS or (number == 0 and not unvalued)
    order = f"{_expression(number, key)} {'DESC' if key.descending else 'ASC'}"
    return order if never_null else f"{order} NULLS LAST"


def _source(number: int, key: SortKey, *, unvalued: bool) -> SQL:
    """Where the values of a sort key come from. The first key's are joined, so that an index can give the order."""
    if key.by not in _TABLES:
        return SQL("")
    table, value = _TABLES[key.by]
    if number == 0 and unvalued:
        return SQL("CROSS JOIN (SELECT NULL::text AS value) s0")
    if number == 0:
        better = ">" if key.descending else "<"
        mine, other = value.format(row="i"), value.format(row="o")
        return SQL(
            f"""JOIN (SELECT i.key, {mine} AS value FROM {table} i WHERE i.param = %s AND NOT EXISTS (
                SELECT FROM {table} o WHERE o.key = i.key AND o.param = i.param
                AND ({other}, o.ordinal) {better} ({mine}, i.ordinal))) s0 ON s0.key = r.key""",
            (key.param,),
        )
    best = "max" if key.descending else "min"
    return SQL(
        f"""LEFT JOIN LATERAL (SELECT {best}({value.format(row="i")}) AS value FROM {table} i
            WHERE i.key = r.key AND i.param = %s) s{number} ON true""",
        (key.param,),
    )


def _without_value(key: SortKey) -> SQL:
    table, _ = _TABLES[key.by]
    return SQL(f"NOT EXISTS (SELECT FROM {table} i WHERE i.key = r.key AND i.param = %s)", (key.param,))


def _following(sort: Sequence[SortKey], after: Place) -> SQL:
    """The rows behind a place, key by key: equal so far and then behind it."""
    columns = [_expression(number, key) for number, key in enumerate(sort)]
    steps: list[SQL] = []
    equal: list[SQL] = []
    for column, key, value in zip(columns, sort, after.values, strict=True):
        if value is None:
            equal.append(SQL(f"{column} IS NULL"))
            continue
        sign = "<" if key.descending else ">"
        steps.append(_step(equal, SQL(f"({column} {sign} %s OR {column} IS NULL)", (value,))))
        equal.append(SQL(f"{column} = %s", (value,)))
    steps.append(_step(equal, SQL("r.key > %s", (after.key,))))
    bound = [_bound(columns[0], sort[0], after)] if sort and after.values[0] is not None and not after.unvalued else []
    return all_of([*bound, any_of(steps)])


def _step(equal: Sequence[SQL], behind: SQL) -> SQL:
    both = all_of([*equal, behind])
    return SQL(f"({both.text})", both.values)


def _bound(column: str, key: SortKey, after: Place) -> SQL:
    """What follows from the rest, said so that a B-tree can begin there; in this part no first value is absent."""
    return SQL(f"{column} {'<=' if key.descending else '>='} %s", (after.values[0],))


def seal(query: Query, place: Place) -> str:
    """The token for what follows `place`: encrypted, since sort values may be names, and good for this query only."""
    nonce = os.urandom(NONCE)
    plain = msgspec.msgpack.encode((place.unvalued, [_as_text(value) for value in place.values], place.key))
    sealed = _cipher(settings.SECRET_KEY).encrypt(nonce, plain, _bound_to(query))
    return base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()


def unseal(query: Query, token: str) -> Place:
    """The place in a token that `seal` gave for this query and tenant. Raises BadRequest for any other text."""
    fault = BadRequest(Issue("value", "This is not a page of this search: follow the server's link, unchanged.", PAGE))
    if len(token) > LONGEST_TOKEN:
        raise fault
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        opened = _cipher(settings.SECRET_KEY).decrypt(data[:NONCE], data[NONCE:], _bound_to(query))
    except (ValueError, InvalidTag) as cause:  # what is not base64, and what was not sealed here
        raise fault from cause
    unvalued, values, key = msgspec.msgpack.decode(opened, type=tuple[bool, tuple[str | None, ...], int])
    return Place(unvalued, tuple(map(_from_text, query.sort, values)), key)


def _as_text(value: Value) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else None if value is None else str(value)


def _from_text(key: SortKey, text: str | None) -> Value:
    if text is None:
        return None
    if key.by == "quantity":
        return Decimal(text)
    return datetime.fromisoformat(text) if key.by in ("date", "last_updated") else text


def _bound_to(query: Query) -> bytes:
    return f"{current_tenant()}\n{query.fingerprint()}".encode()


@cache
def _cipher(secret: str) -> AESGCM:
    return AESGCM(salted_hmac("ehr.fhir.search.pages", "page token", secret=secret, algorithm="sha256").digest())

"""Running a search: matches of one page, the total, what is to be included."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from ehr.fhir.definitions import resource_types
from ehr.fhir.errors import Issue
from ehr.fhir.search import query as q
from ehr.fhir.search.compartments import confined, patient_types
from ehr.fhir.search.includes import INCLUDED, included_rows
from ehr.fhir.search.pages import Row, page_of, read_rows, seal, unseal, walks
from ehr.fhir.search.parse import parse_everything
from ehr.fhir.search.sql import SQL, counting, matching, one_plan_serves
from ehr.fhir.search.subset import subset
from ehr.lib.postgresql.statements import Converter, Statement, array, text
from ehr.lib.tenancy import raw_cursor

COUNTED = 1000  # matches are counted up to here when nobody asked for the exact number


@dataclass(frozen=True, slots=True)
class Hit:
    """A resource that was found; `content` is its JSON text, cut to what `_summary` and `_elements` ask for.

    `patient_id` names the patient whom it concerns, None when it concerns none.
    """

    type: str
    id: str
    content: str
    patient_id: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of results. `total` None: more than a thousand, not counted. `next`: the token of the next page."""

    matches: list[Hit]
    included: list[Hit] = field(default_factory=list)
    total: int | None = None
    next: str | None = None
    warnings: list[Issue] = field(default_factory=list)


def run(query: q.Query, *, compartment: str | None = None, readable: Container[str] | None = None) -> Page:
    """The page of the query, in one to four statements.

    `compartment` ("Patient/1") confines matches, chains and includes to that patient's compartment; resources of types
    that no patient compartment holds (Organization, Practitioner) are included all the same. `readable` names the types
    that may be included, None all. Raises BadRequest for a page token that is not of this query.
    """
    if compartment is not None:
        query = confined(query, compartment)
    warnings = list(query.warnings)
    if query.summary == "count" or query.count == 0:
        return Page([], total=_counted(query, "accurate" if query.total is None else query.total), warnings=warnings)
    rows, more = _page(query)
    included = included_rows(query, [row.place.key for row in rows], compartment, readable)
    if len(included) > INCLUDED:
        warnings.append(Issue("too-costly", f"Only {INCLUDED} resources are included.", "_include", "warning"))
    return Page(
        matches=[Hit(row.type, row.id, _shown(query, row.content), row.patient_id) for row in rows],
        included=[
            Hit(type_, id_, _shown(query, content), patient_id)
            for type_, id_, content, patient_id in included[:INCLUDED]
        ],
        total=_counted(query, query.total) if more or query.page else len(rows),
        next=seal(query, rows[-1].place) if more else None,
        warnings=warnings,
    )


def everything(
    patient_id: str,
    *,
    types: Sequence[str] = (),
    since: datetime | None = None,
    count: int | None = None,
    page: str | None = None,
    readable: Container[str] | None = None,
) -> Page:
    """Patient/$everything: the patient's compartment, page by page, each with what it refers to outside.

    `types` and `readable` limit the types that come; `since` asks for what was stored at or after that instant.
    """
    wanted = types or sorted(patient_types())
    allowed = [type_ for type_ in wanted if readable is None or type_ in readable]
    if not allowed:
        return Page([], total=0)
    query = parse_everything(types=allowed, since=since, count=count, page=page)
    # What the compartment holds comes as a match of its own, on one page only: included is what lies outside.
    outside = resource_types() - patient_types()
    included = {type_ for type_ in (types or outside) if type_ in outside and (readable is None or type_ in readable)}
    return run(query, compartment=f"Patient/{patient_id}", readable=included)


def match_identities(query: q.Query, limit: int) -> list[tuple[str, str]]:
    """(type, id) of at most `limit` matches, oldest first: what a conditional interaction needs to know."""
    met = matching(query)
    statement = SQL(
        f"SELECT r.type, r.id FROM fhir_resource r WHERE {met.text} ORDER BY r.key LIMIT %s", (*met.values, limit)
    )
    return [(type_, id_) for type_, id_ in _fetch(statement)]


def _page(query: q.Query) -> tuple[list[Row], bool]:
    """The rows of the page, and whether more follow."""
    after = unseal(query, query.page) if query.page else None
    rows: list[Row] = []
    for unvalued in walks(query):
        if after is not None and after.unvalued and not unvalued:
            continue
        begin = after if after is not None and after.unvalued == unvalued else None
        rows += read_rows(unvalued, _rows(query, page_of(query, unvalued, begin, query.count + 1 - len(rows))))
        if len(rows) > query.count:
            return rows[: query.count], True
    return rows, False


def _counted(query: q.Query, total: q.Total | None) -> int | None:
    """How many match: exactly, estimated beyond a thousand, or None beyond a thousand."""
    if total == "none":
        return None
    if total == "accurate":
        met = counting(query)
        return _number(query, SQL(f"SELECT count(*) FROM fhir_resource r WHERE {met.text}", met.values))
    met = matching(query)
    counted = _number(
        query,
        SQL(
            f"SELECT count(*) FROM (SELECT FROM fhir_resource r WHERE {met.text} ORDER BY r.key LIMIT %s) counted",
            (*met.values, COUNTED + 1),
        ),
    )
    if counted <= COUNTED:
        return counted
    return max(counted, _estimated(met)) if total == "estimate" else None


def _estimated(met: SQL) -> int:
    """How many rows the planner expects."""
    explain = SQL(f"EXPLAIN (FORMAT JSON) SELECT FROM fhir_resource r WHERE {met.text}", met.values)
    return int(_fetch(explain)[0][0][0]["Plan"]["Plan Rows"])


def _number(query: q.Query, statement: SQL) -> int:
    if one_plan_serves(query):
        return int(_prepared(statement.text, int).run(*map(_as_text, statement.values))[0][0])
    return int(_fetch(statement)[0][0])


def _rows(query: q.Query, statement: SQL) -> list[tuple[Any, ...]]:
    """Prepared where one plan is good for all values, else planned for these values."""
    if one_plan_serves(query) and not query.sort:
        return _prepared(statement.text, int, text, text, text, text).run(*map(_as_text, statement.values))
    return _fetch(statement)


def _fetch(statement: SQL) -> list[tuple[Any, ...]]:
    with raw_cursor() as cursor:
        return cursor.execute(statement.text, statement.values).fetchall()


@lru_cache(maxsize=100)
def _prepared(sql: str, *columns: Converter) -> Statement:
    first, *rest = sql.split("%s")
    return Statement(first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1)), *columns)


def _as_text(value: str | int | list[str]) -> str:
    return array(value) if isinstance(value, list) else str(value)


def _shown(query: q.Query, content: str) -> str:
    if query.summary == "false" and not query.elements:
        return content
    return subset(content, summary=query.summary, elements=query.elements)

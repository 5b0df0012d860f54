"""SQL for criteria: conditions on rows of fhir_resource, and the sets of keys that the index tables give.

Text comes from this module alone; whatever a client sent is a bound value.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from ehr.fhir.search import query as q

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
SELECTIVE = 3  # letters
HIGHEST = "\U0010ffff"  # sorts after every string that has the same beginning


@dataclass(frozen=True, slots=True)
class SQL:
    """A piece of a statement and the values for its placeholders, in order."""

    text: str
    values: tuple[Any, ...] = ()


def joined(parts: Iterable[SQL], between: str) -> SQL:
    """The parts one after the other, `between` between them."""
    listed = list(parts)
    return SQL(between.join(part.text for part in listed), tuple(value for part in listed for value in part.values))


def any_of(parts: Iterable[SQL]) -> SQL:
    """One of these holds."""
    alternatives = list(parts)
    return alternatives[0] if len(alternatives) == 1 else _parenthesised(joined(alternatives, " OR "))


def all_of(parts: Iterable[SQL]) -> SQL:
    """Each of these holds."""
    return joined(parts, " AND ")


def matching(query: q.Query, row: str = "r") -> SQL:
    """The condition under which the row `row` of fhir_resource matches the query."""
    return all_of([*_of_types(query, row), SQL(f"NOT {row}.deleted"), *(condition(c, row) for c in query.criteria)])


def counting(query: q.Query) -> SQL:
    """The condition of `matching` where no order is asked for.

    A term says the type already. Saying it again leads the planner, which takes both for independent, into reading the
    index of the whole type.
    """
    if not any(map(_says_type, query.criteria)):
        return matching(query)
    return all_of(condition(criterion, "r") for criterion in query.criteria)


def one_plan_serves(query: q.Query) -> bool:
    """Whether the best plan is the same whatever the values: then it may be prepared.

    A term's may be one resource or half of them, which wants another plan each time.
    """
    return bool(query.criteria) and all(
        isinstance(criterion, q.Ids) or (isinstance(criterion, q.Strings) and _is_selective(criterion))
        for criterion in query.criteria
    )


def _is_selective(criterion: q.Strings) -> bool:
    return all(text.how != "contains" and len(text.folded) >= SELECTIVE for text in criterion.any_of)


def _says_type(criterion: q.Criterion) -> bool:
    """Whether only live resources of one type meet the criterion, and the index of terms finds them."""
    match criterion:
        case q.Terms():
            return not (criterion.negated or criterion.any_type)
        case q.AllOf(criteria=criteria):
            return any(map(_says_type, criteria))
    return False


def _of_types(query: q.Query, row: str) -> list[SQL]:
    if query.type is not None:
        return [SQL(f"{row}.type = %s", (query.type,))]
    return [SQL(f"{row}.type = ANY(%s)", (list(query.types),))] if query.types else []


@singledispatch
def condition(criterion: q.Criterion, row: str) -> SQL:
    """The condition under which the row `row` of fhir_resource meets the criterion."""
    found = keys(criterion)
    return SQL(f"{row}.key IN ({found.text})", found.values)


@condition.register
def _strings(criterion: q.Strings, row: str) -> SQL:
    """A beginning of some letters matches few: worked out first, they are fetched by key, in the order of keys.

    A semi-join would take the planner five times as long to think about as the database to run.
    """
    found = keys(criterion)
    if _is_selective(criterion):
        return SQL(f"{row}.key = ANY(ARRAY({found.text}))", found.values)
    return SQL(f"{row}.key IN ({found.text})", found.values)


@condition.register
def _terms(criterion: q.Terms, row: str) -> SQL:
    values = (list(criterion.any_of),)
    if criterion.negated:
        return SQL(f"NOT {row}.tokens && %s::int8[]", values)
    return SQL(f"{row}.tokens {'@>' if len(criterion.any_of) == 1 else '&&'} %s::int8[]", values)


@condition.register
def _ids(criterion: q.Ids, row: str) -> SQL:
    comparison = "<> ALL" if criterion.negated else "= ANY"
    return SQL(f"{row}.id {comparison}(%s)", (list(criterion.any_of),))


@condition.register
def _last_updated(criterion: q.LastUpdated, row: str) -> SQL:
    return any_of(_instant(moment, f"{row}.last_updated") for moment in criterion.any_of)


@condition.register
def _everything(criterion: q.Everything, row: str) -> SQL:  # noqa: ARG001 - the shape of a condition
    return SQL("false" if criterion.negated else "true")


@condition.register
def _indexed(criterion: q.Indexed, row: str) -> SQL:
    exists = "NOT EXISTS" if criterion.negated else "EXISTS"
    return SQL(
        f"{exists} (SELECT FROM {criterion.table} i WHERE i.key = {row}.key AND i.param = %s)", (criterion.param,)
    )


@condition.register
def _all_of(criterion: q.AllOf, row: str) -> SQL:
    return all_of(condition(one, row) for one in criterion.criteria)


@condition.register
def _any_of(criterion: q.AnyOf, row: str) -> SQL:
    return any_of(condition(one, row) for one in criterion.criteria)


def keys(criterion: q.Criterion, type_: str | None = None) -> SQL:
    """A query for the keys of the resources of `type_` that meet the criterion."""
    match criterion:
        case q.Linked():
            return _references(criterion, found="key", through="target")
        case q.Referred():
            return _references(criterion, found="target", through="key")
        case q.Strings() | q.Dates() | q.Quantities():
            return _rows(criterion)
    met = condition(criterion, "k")
    if not _says_type(criterion):
        met = all_of([SQL("k.type = %s AND NOT k.deleted", (type_,)), met])
    return SQL(f"SELECT k.key FROM fhir_resource k WHERE {met.text}", met.values)


def _references(criterion: q.Linked | q.Referred, *, found: str, through: str) -> SQL:
    inner = keys(criterion.criterion, criterion.type)
    return SQL(
        f"SELECT i.{found} FROM fhir_reference_index i WHERE i.param = %s AND i.{through} IN ({inner.text})",
        (criterion.param, *inner.values),
    )


def _rows(criterion: q.Strings | q.Dates | q.Quantities) -> SQL:
    context: tuple[int, ...] = ()
    if isinstance(criterion, q.Strings):
        table, alternatives = "fhir_string_index", [_text(text) for text in criterion.any_of]
    elif isinstance(criterion, q.Dates):
        table, alternatives = "fhir_date_index", [_moment(moment) for moment in criterion.any_of]
        context = criterion.context
    else:
        table, alternatives = "fhir_quantity_index", [_amount(amount) for amount in criterion.any_of]
        context = criterion.context
    conditions = [SQL("i.param = %s", (criterion.param,)), any_of(alternatives)]
    if context:
        conditions.append(SQL("i.context @> %s::int8[]", (list(context),)))
    found = all_of(conditions)
    return SQL(f"SELECT i.key FROM {table} i WHERE {found.text}", found.values)


def _text(text: q.Text) -> SQL:
    match text.how:
        case "starts":
            return SQL("(i.folded >= %s AND i.folded < %s)", (text.folded, text.folded + HIGHEST))
        case "contains":
            # `param > 0` lets the trigram index be used, which leaves out the texts of codes
            return SQL("(i.param > 0 AND i.folded LIKE %s)", (f"%{_literal_pattern(text.folded)}%",))
        case "equals":
            return SQL("(i.folded = %s AND i.exact = %s)", (text.folded, text.exact))


def _literal_pattern(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# FHIR R4 search.html#prefix for a target [low, high) and a search value [%(low)s, %(high)s). Bounds that follow from
# the others are there for the B-tree, which can use only what is ANDed at the top.
_MOMENTS: dict[q.Prefix, str] = {
    "eq": "(i.low >= %(low)s AND i.low < %(high)s AND i.high <= %(high)s)",
    "ne": "(i.low < %(low)s OR i.high > %(high)s)",
    "gt": "i.high > %(high)s",
    "lt": "i.low < %(low)s",
    "ge": "(i.high > %(low)s AND (i.low >= %(low)s OR i.high > %(high)s))",
    "le": "(i.low < %(high)s AND (i.low < %(low)s OR i.high <= %(high)s))",
    "sa": "i.low >= %(high)s",
    "eb": "i.high <= %(low)s",
    "ap": "(i.low < %(high)s AND i.high > %(low)s)",
}
# The same for a single instant.
_INSTANTS: dict[q.Prefix, str] = {
    "eq": "({column} >= %(low)s AND {column} < %(high)s)",
    "ne": "({column} < %(low)s OR {column} >= %(high)s)",
    "gt": "{column} >= %(high)s",
    "lt": "{column} < %(low)s",
    "ge": "{column} >= %(low)s",
    "le": "{column} < %(high)s",
    "sa": "{column} >= %(high)s",
    "eb": "{column} < %(low)s",
    "ap": "({column} >= %(low)s AND {column} < %(high)s)",
}
# The same for numbers: the target [low, high] is closed, and only eq, ne and ap respect the digits of the search value
# (FHIR R4 search.html#number).
_AMOUNTS: dict[q.Prefix, str] = {
    "eq": "i.{base}low >= %(low)s AND i.{base}low < %(high)s AND i.{base}high < %(high)s",
    "ne": "(i.{base}low < %(low)s OR i.{base}high >= %(high)s)",
    "gt": "i.{base}high > %(value)s",
    "lt": "i.{base}low < %(value)s",
    "ge": "i.{base}high >= %(value)s",
    "le": "i.{base}low <= %(value)s",
    "sa": "i.{base}low > %(value)s",
    "eb": "i.{base}high < %(value)s",
    "ap": "i.{base}low <= %(high)s AND i.{base}high >= %(low)s",
}


def _moment(moment: q.Moment) -> SQL:
    return _named(_MOMENTS[moment.prefix], low=moment.low, high=moment.high)


def _instant(moment: q.Moment, column: str) -> SQL:
    return _named(_INSTANTS[moment.prefix].format(column=column), low=moment.low, high=moment.high)


def _amount(amount: q.Amount) -> SQL:
    base = "base_" if amount.base_unit is not None else ""
    compared = _named(_AMOUNTS[amount.prefix].format(base=base), low=amount.low, high=amount.high, value=amount.value)
    stated = {"base_unit": amount.base_unit, "system": amount.system, "unit": amount.unit}
    units = (SQL(f"i.{column} = %s", (value,)) for column, value in stated.items() if value is not None)
    return _parenthesised(all_of([*units, compared]))


def _named(template: str, **values: Any) -> SQL:
    """`template` with its named placeholders made positional."""
    return SQL(_PLACEHOLDER.sub("%s", template), tuple(values[name] for name in _PLACEHOLDER.findall(template)))


def _parenthesised(part: SQL) -> SQL:
    return SQL(f"({part.text})", part.values)

"""Reading a query string: criteria, result parameters, and what to say of those that are not known."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, get_args
from urllib.parse import parse_qsl

from ehr.fhir.definitions import element_by_json_name, resource_types, type_definition
from ehr.fhir.errors import BadRequest, Issue
from ehr.fhir.search import query as q
from ehr.fhir.search.criteria import Reader, Unknown, of_any_type, parameter_named, reference_parameter
from ehr.fhir.search.parameters import Parameter, parameters_of
from ehr.fhir.search.terms import param_id
from ehr.fhir.search.values import BadValue, refused

DEFAULT_COUNT = 20
LARGEST_COUNT = 1000
MOST_PARAMETERS = 100
MOST_SORT_KEYS = 3
PRESENTATION = frozenset({"_format", "_pretty"})  # how the answer is written: not the search's business
TYPES = "_type"
SORTABLE = {"date": "date", "string": "string", "number": "quantity", "quantity": "quantity"}

_DIGITS = re.compile(r"\d{1,9}", re.ASCII)


def parse(type_: str, query_string: str, *, strict: bool = False, bases: tuple[str, ...] = ()) -> q.Query:
    """The search that `query_string` asks for among resources of `type_`.

    Takes a URL's query or the body of a POST to _search; `bases` are the URLs of this server's FHIR endpoint. A
    parameter that the type does not have is refused when `strict` (Prefer: handling=strict) and else named in
    `warnings`; a modifier or value that makes no sense is always refused. Raises BadRequest with an issue for each
    parameter at fault.
    """
    if type_ not in resource_types():
        raise BadRequest(Issue("not-supported", f"{type_!r} is not a resource type of FHIR R4."))
    reading = _Reading((type_,), Reader(bases))
    reading.take_all(_pairs(query_string), strict=strict)
    return reading.query(type_)


def parse_system(
    query_string: str, *, searchable: Collection[str], strict: bool = False, bases: tuple[str, ...] = ()
) -> q.Query:
    """The search that `query_string` asks for among resources of the types in its ``_type``, else of `searchable`.

    Only a parameter that all of these types have can be asked for (FHIR R4 http.html#search). Else as `parse`.
    """
    pairs = _pairs(query_string)
    named = [value for name, value in pairs if name == TYPES and value]
    types = _types(named) if named else sorted(searchable)
    reading = _Reading(tuple(types), Reader(bases))
    reading.take_all([pair for pair in pairs if pair[0] != TYPES], strict=strict)
    query = reading.query(None)
    stated = tuple((TYPES, value) for value in named)
    return replace(query, types=tuple(types), understood=(*stated, *query.understood))


def _types(named: Sequence[str]) -> list[str]:
    types = named[0].split(",")
    unknown = [type_ for type_ in types if type_ not in resource_types()]
    if unknown:
        raise BadRequest(Issue("not-supported", f"{unknown[0]!r} is not a resource type of FHIR R4.", TYPES))
    if len(named) > 1:
        raise BadRequest(Issue("value", "it can be given once only", TYPES))
    return sorted(set(types))


def parse_everything(*, types: Sequence[str], since: datetime | None, count: int | None, page: str | None) -> q.Query:
    """The search behind Patient/$everything: all types, with every reference of a match included."""
    criteria = (q.LastUpdated((q.Moment("ge", since, since),)),) if since is not None else ()
    parameters = [("_type", ",".join(types)), ("_since", since.isoformat() if since else "")]
    return q.Query(
        type=None,
        criteria=criteria,
        types=tuple(types),
        includes=(q.Include("", (0,), None, reverse=False, iterate=False),),
        count=LARGEST_COUNT if count is None else min(count, LARGEST_COUNT),
        page=page,
        understood=tuple(pair for pair in parameters if pair[1]),
    )


def _pairs(query_string: str) -> list[tuple[str, str]]:
    """The parameters in order. Raises BadRequest for text that is not UTF-8, for NUL, for far too many."""
    try:
        pairs = parse_qsl(query_string, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except UnicodeDecodeError as fault:
        raise BadRequest(Issue("structure", "The query is not UTF-8.")) from fault
    except ValueError as fault:
        raise BadRequest(Issue("too-costly", f"A search has at most {MOST_PARAMETERS} parameters.")) from fault
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise BadRequest(Issue("value", "No value contains the character NUL.", name.replace("\0", "")))
    return pairs


@dataclass(slots=True)
class _Reading:
    """A query string half read, about resources of any of `types`."""

    types: tuple[str, ...]
    reader: Reader
    criteria: list[q.Criterion] = field(default_factory=list)
    sort: tuple[q.SortKey, ...] = ()
    includes: list[q.Include] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    understood: list[tuple[str, str]] = field(default_factory=list)
    faults: list[Issue] = field(default_factory=list)
    ignored: list[Issue] = field(default_factory=list)

    def take_all(self, pairs: Iterable[tuple[str, str]], *, strict: bool) -> None:
        """Reads every parameter. Raises BadRequest with the faults of all of them."""
        for name, value in pairs:
            self.take(name, value)
        if self.faults or (strict and self.ignored):
            raise BadRequest(*self.faults, *(self.ignored if strict else ()))

    def take(self, name: str, value: str) -> None:
        """Reads one parameter; a fault is kept, so that the client hears of all of them at once."""
        if name in PRESENTATION:
            return
        if not value:
            self._ignore(name, f"{name} has no value.")
            return
        try:
            self._read(name, value)
        except Unknown as unknown:
            self._ignore(name, f"{unknown}.")
        except BadValue as fault:
            self.faults.extend(refused(name, fault).issues)
        except BadRequest as fault:
            self.faults.extend(fault.issues)
        else:
            self.understood.append((name, value))

    def query(self, type_: str | None) -> q.Query:
        """The query as understood, of resources of `type_`."""
        return q.Query(
            type=type_,
            criteria=tuple(self.criteria),
            sort=self.sort,
            includes=tuple(self.includes),
            warnings=tuple(Issue(i.code, i.diagnostics, i.expression, "warning") for i in self.ignored),
            searched_types=frozenset(self.reader.types) | set(self.types),
            included_types=frozenset(_included_types(self.includes)),
            understood=tuple(self.understood),
            **self.results,
        )

    def _ignore(self, name: str, message: str) -> None:
        self.ignored.append(Issue("not-supported", message, name))

    def _read(self, name: str, value: str) -> None:
        base, _, modifier = name.partition(":")
        if base in ("_include", "_revinclude"):
            if modifier not in ("", "iterate"):
                raise BadRequest(Issue("not-supported", f"{base} takes :iterate, not :{modifier}.", name))
            self.includes.append(_include(self.types, value, reverse=base == "_revinclude", iterate=bool(modifier)))
        elif name == "_sort":
            self._once("_sort")
            self.sort = tuple(_sort_key(self.types, key) for key in _sort_keys(value))
        elif name == "_elements":
            self._once(name)
            self.results["elements"] = _elements(self.types, value)
        elif name in _RESULTS:
            self._once(name)
            attribute, read = _RESULTS[name]
            self.results[attribute] = read(value)
        else:
            self.criteria.append(of_any_type([self.reader.criterion(type_, name, value) for type_ in self.types]))

    def _once(self, name: str) -> None:
        if any(known == name for known, _ in self.understood):
            raise BadValue("it can be given once only")


def _count(value: str) -> int:
    if not _DIGITS.fullmatch(value):
        raise BadValue(f"{value!r} is not a whole number from 0")
    return min(int(value), LARGEST_COUNT)


def _one_of(choices: Iterable[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise BadValue(f"{value!r} is not one of {', '.join(choices)}")
        return value

    return read


def _elements(types: Sequence[str], value: str) -> tuple[str, ...]:
    names = value.split(",")
    known = {name for type_ in types for name in _element_names(type_)}
    for name in names:
        if name not in known:
            some = ", ".join(sorted(_element_names(types[0]))[:3])
            raise BadValue(f"{name!r} is not an element of {_one_or_other(types)}, such as {some}")
    return tuple(names)


def _element_names(type_: str) -> set[str]:
    definition = type_definition(type_)
    names = {element.name for element in definition.elements} if definition else set()
    return names | set(element_by_json_name(type_))


def _one_or_other(types: Sequence[str]) -> str:
    return types[0] if len(types) == 1 else "any of these types"


_RESULTS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "_count": ("count", _count),
    "_total": ("total", _one_of(get_args(q.Total))),
    "_summary": ("summary", _one_of(get_args(q.Summary))),
    q.PAGE: ("page", str),
}


def _sort_keys(value: str) -> list[str]:
    keys = value.split(",")
    if len(keys) > MOST_SORT_KEYS:
        raise BadValue(f"at most {MOST_SORT_KEYS} keys can order a search")
    return keys


def _sort_key(types: Sequence[str], key: str) -> q.SortKey:
    code, descending = key.removeprefix("-"), key.startswith("-")
    if code == "_id":
        return q.SortKey("id", descending)
    if code == "_lastUpdated":
        return q.SortKey("last_updated", descending)
    if len(types) > 1:
        raise BadValue(f"resources of several types can be ordered by _id and _lastUpdated, not by {code}")
    type_ = types[0]
    found = parameter_named(type_, code)
    match found.kind:
        case "date" | "string":
            return q.SortKey(found.kind, descending, param_id(type_, code))
        case "number" | "quantity":
            return q.SortKey("quantity", descending, param_id(type_, code))
    sortable = ", ".join(sorted(p.code for p in parameters_of(type_).values() if p.kind in SORTABLE or p.code == "_id"))
    raise BadValue(f"{type_} cannot be ordered by the {found.kind} {code}, only by {sortable}")


def _include(types: Sequence[str], value: str, *, reverse: bool, iterate: bool) -> q.Include:
    """``Source:parameter``, ``Source:parameter:Target``, ``Source:*``, or ``*`` for every reference of the matches.

    ``*`` is for matches of one type.
    """
    if value == "*" and not reverse and len(types) == 1:
        value = f"{types[0]}:*"
    source, _, rest = value.partition(":")
    code, _, target = rest.partition(":")
    if source not in resource_types() or not code:
        raise BadValue(f"{value!r} is not Type:parameter or Type:parameter:Target")
    if target and target not in resource_types():
        raise BadValue(f"{target!r} is not a resource type of FHIR R4")
    links = _links(source) if code == "*" else [reference_parameter(source, code)]
    if reverse and not target and not iterate and len(types) == 1:
        target = types[0]
    return q.Include(source, tuple(param_id(source, link.code) for link in links), target or None, reverse, iterate)


def _links(type_: str) -> list[Parameter]:
    return [parameter for parameter in parameters_of(type_).values() if parameter.kind == "reference"]


def _included_types(includes: Iterable[q.Include]) -> Iterable[str]:
    for include in includes:
        if include.reverse:
            yield include.source
        elif include.target:
            yield include.target
        else:
            for link in _links(include.source):
                if param_id(include.source, link.code) in include.params:
                    yield from link.targets

"""A search once it is understood: criteria with every value typed, order, paging, includes. No SQL."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from urllib.parse import quote, urlencode

from ehr.fhir.errors import Issue

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
Summary = Literal["true", "text", "data", "count", "false"]
Total = Literal["accurate", "estimate", "none"]
IndexTable = Literal["fhir_string_index", "fhir_date_index", "fhir_quantity_index"]


@dataclass(frozen=True, slots=True)
class Terms:
    """Resources that have any of these terms; `negated`, those that have none.

    `any_type`: resources of several types have such terms, as those of compartments.
    """

    any_of: tuple[int, ...]
    negated: bool = False
    any_type: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """What a string starts with, contains (both folded), or equals (`exact`, as it stands, beside its folded form)."""

    how: Literal["starts", "contains", "equals"]
    folded: str
    exact: str = ""


@dataclass(frozen=True, slots=True)
class Strings:
    """Resources with a string that meets any of these."""

    param: int
    any_of: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A comparison with the instants [low, high) that a date stands for."""

    prefix: Prefix
    low: datetime
    high: datetime


@dataclass(frozen=True, slots=True)
class Dates:
    """Resources with a date that meets any of these, in a row about all of `context` where that is given."""

    param: int
    any_of: tuple[Moment, ...]
    context: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LastUpdated:
    """Resources whose version was stored at an instant that meets any of these."""

    any_of: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """A comparison with `value`; for eq, ne and ap with [low, high), which its digits imply.

    `system` and `unit` as stated, None where the query leaves them open. `base_unit` is set when the numbers are in
    that UCUM base unit.
    """

    prefix: Prefix
    value: Decimal
    low: Decimal
    high: Decimal
    system: str | None = None
    unit: str | None = None
    base_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Quantities:
    """Resources with a number or quantity that meets any of these. `context` as in Dates."""

    param: int
    any_of: tuple[Amount, ...]
    context: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Indexed:
    """Resources that have a value in an index table for this parameter; `negated`, those that have none."""

    table: IndexTable
    param: int
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Ids:
    """Resources with one of these ids; `negated`, with none of them."""

    any_of: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Everything:
    """All resources of the type; `negated`, none."""

    negated: bool = False


@dataclass(frozen=True, slots=True)
class Linked:
    """A chain: resources that refer through `param` to a resource of `type` which meets the criterion."""

    param: int
    type: str
    criterion: "Criterion"


@dataclass(frozen=True, slots=True)
class Referred:
    """`_has`: resources to which one of `type`, which meets the criterion, refers through `param`."""

    param: int
    type: str
    criterion: "Criterion"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Resources that meet every one of these."""

    criteria: tuple["Criterion", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Resources that meet at least one of these."""

    criteria: tuple["Criterion", ...]


Criterion = (
    Terms | Strings | Dates | LastUpdated | Quantities | Indexed | Ids | Everything | Linked | Referred | AllOf | AnyOf
)


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of the order. `param` is None for `_id` and `_lastUpdated`, which are columns."""

    by: Literal["id", "last_updated", "date", "string", "quantity"]
    descending: bool
    param: int | None = None


@dataclass(frozen=True, slots=True)
class Include:
    """References to follow from (`reverse`: back to) what was found.

    `params` are those of `source`; `target` limits the types at the other end. `iterate` follows them from what was
    included too.
    """

    source: str
    params: tuple[int, ...]
    target: str | None
    reverse: bool
    iterate: bool


@dataclass(frozen=True, slots=True)
class Query:
    """One search. `type` None searches all types, which only `compartment` searches do."""

    type: str | None
    criteria: tuple[Criterion, ...] = ()
    sort: tuple[SortKey, ...] = ()
    includes: tuple[Include, ...] = ()
    count: int = 20
    page: str | None = None
    total: Total | None = None
    summary: Summary = "false"
    elements: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    warnings: tuple[Issue, ...] = ()
    searched_types: frozenset[str] = frozenset()
    included_types: frozenset[str] = frozenset()
    understood: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """The parameters that were taken into account, in order, as they came."""

    @property
    def criteria_count(self) -> int:
        """How many criteria narrow the search."""
        return len(self.criteria)

    def self_query(self) -> str:
        """The query string as understood: what was ignored is left out (FHIR R4 search.html#conformance)."""
        return _query_string(self.understood)

    def next_query(self, token: str) -> str:
        """The query string of the page that `token` stands for."""
        return _query_string([pair for pair in self.understood if pair[0] != PAGE] + [(PAGE, token)])

    def fingerprint(self) -> str:
        """What makes two queries walk through the same matches in the same order; paging and form don't count."""
        return _query_string([(self.type or "", ""), *(pair for pair in self.understood if pair[0] not in FORM)])


PAGE = "_page"
INCLUDES = ("_include", "_revinclude", "_include:iterate", "_revinclude:iterate")
FORM: Collection[str] = frozenset({PAGE, "_count", "_total", "_summary", "_elements", *INCLUDES})


def _query_string(pairs: Collection[tuple[str, str]]) -> str:
    return urlencode(list(pairs), safe=":|,$*/", quote_via=quote)

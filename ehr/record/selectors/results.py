"""Laboratory results as a grid: tests by the last draws, each with its trend on real time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone

from ehr.lib import clock
from ehr.lib.tenancy import raw_cursor
from ehr.record.selectors import panels
from ehr.record.selectors.flags import Flag, Range, flag, is_rated
from ehr.record.selectors.words import plain_term
from ehr.ui import formats
from ehr.ui.sparkline import Band, Reading, Sparkline, sparkline

DRAWS = 7

_SQL = """
WITH result AS MATERIALIZED (
  SELECT key, code_system, code, display, status, date_trunc('minute', effective_low) AS drawn_at,
    value_number, value_comparator, value_unit, value_text, interpretation, reference_low, reference_high,
    reference_text, row_number() OVER (PARTITION BY code_system, code, CASE code WHEN '' THEN display END
      ORDER BY effective_low DESC, key DESC) AS nth
  FROM record_observation
  WHERE patient_id = %(patient)s AND category @> ARRAY['laboratory'] AND effective_low IS NOT NULL
    AND status NOT IN ('cancelled', 'entered-in-error', 'registered')
    AND (value_number IS NOT NULL OR value_text <> '')
), draw AS (
  SELECT DISTINCT drawn_at FROM result ORDER BY drawn_at DESC LIMIT %(draws)s
)
SELECT code_system, code, display, status, drawn_at, value_number, value_comparator, value_unit, value_text,
  interpretation, reference_low, reference_high, reference_text, drawn_at >= (SELECT min(drawn_at) FROM draw)
FROM result WHERE drawn_at >= (SELECT min(drawn_at) FROM draw) OR nth = 1
ORDER BY drawn_at, key
"""


class _Row(NamedTuple):
    code_system: str
    code: str
    display: str
    status: str
    drawn_at: datetime
    number: Decimal | None
    comparator: str
    unit: str
    text: str
    interpretation: str
    reference_low: Decimal | None
    reference_high: Decimal | None
    reference_text: str
    is_in_grid: bool

    @property
    def test(self) -> tuple[str, str, str]:
        """What makes two results one test."""
        return (self.code_system, self.code, "" if self.code else self.display)

    @property
    def range(self) -> Range:
        return Range(self.reference_low, self.reference_high)


@dataclass(frozen=True, slots=True)
class Result:
    """One value as shown. `exact` has every digit; `note` says if it is not final; `rated`: no flag means in range."""

    at: datetime
    value: str
    exact: str
    unit: str
    flag: Flag | None
    rated: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Test:
    """One row: `cells` has one entry for each draw, oldest first, each with the results of that minute."""

    __test__ = False  # a laboratory's kind of test

    name: str
    full_name: str
    unit: str
    reference: str
    cells: tuple[tuple[Result, ...], ...]
    latest: Result
    line: Sparkline | None
    line_words: str

    @property
    def line_css(self) -> str:
        """The class of the trend's last point."""
        if self.latest.flag is not None:
            return self.latest.flag.css
        return "" if self.latest.rated else "unrated"

    @property
    def is_critical_now(self) -> bool:
        """True when the newest column holds a critical value."""
        return any(result.flag is not None and result.flag.css == "critical" for result in self.cells[-1])


@dataclass(frozen=True, slots=True)
class Panel:
    """Tests that belong together."""

    name: str
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """`draws` are the columns, oldest first; `earlier` the tests that none of them has, with their latest result."""

    draws: tuple[datetime, ...]
    panels: tuple[Panel, ...]
    earlier: tuple[Test, ...]

    @property
    def names_years(self) -> bool:
        """True when a column is not of this year, so that all must say their year."""
        this_year = timezone.localtime(clock.now()).year
        return any(timezone.localtime(draw).year != this_year for draw in self.draws)


def result_grid(patient_key: int) -> Grid:
    """A patient's laboratory results: one query, whatever the size of the chart."""
    with raw_cursor() as cursor:
        cursor.execute(_SQL, {"patient": patient_key, "draws": DRAWS})
        rows = [_Row(*row) for row in cursor.fetchall()]
    draws = tuple(sorted({row.drawn_at for row in rows if row.is_in_grid}))
    by_test: dict[tuple[str, str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        by_test[row.test].append(row)
    names = _names(by_test.values())
    in_grid = [(_order(of), _test(of, names[of[-1].test], draws)) for of in by_test.values() if of[-1].is_in_grid]
    earlier = [(_order(of), _test(of, names[of[-1].test], ())) for of in by_test.values() if not of[-1].is_in_grid]
    return Grid(
        draws=draws,
        panels=_panels(in_grid),
        earlier=tuple(test for _, test in sorted(earlier, key=lambda pair: pair[0])),
    )


_Order = tuple[tuple[int, int], str]


def _order(rows: Sequence[_Row]) -> _Order:
    return (panels.place(rows[-1].code).order, rows[-1].display)


def _panels(tests: Iterable[tuple[_Order, Test]]) -> tuple[Panel, ...]:
    ordered = sorted(tests, key=lambda pair: pair[0])
    return tuple(
        Panel(panels.PANEL_ORDER[row], tuple(test for _, test in of))
        for row, of in groupby(ordered, key=lambda pair: pair[0][0][0])
    )


def _names(tests: Iterable[Sequence[_Row]]) -> dict[tuple[str, str, str], str]:
    """A short name for each test; where two tests would share one, both keep their full name."""
    short = {rows[-1].test: panels.place(rows[-1].code).name or panels.short_name(rows[-1].display) for rows in tests}
    full = {rows[-1].test: rows[-1].display for rows in tests}
    counts: dict[str, int] = defaultdict(int)
    for name in short.values():
        counts[name] += 1
    return {test: name if counts[name] == 1 else full[test] for test, name in short.items()}


def _test(rows: Sequence[_Row], name: str, draws: Sequence[datetime]) -> Test:
    newest = rows[-1]
    results = [_result(row, newest.unit) for row in rows]
    by_draw: dict[datetime, list[Result]] = {draw: [] for draw in draws}
    for result in results:
        by_draw.setdefault(result.at, []).append(result)
    cells = tuple(tuple(by_draw[draw]) for draw in draws)
    readings = [Reading(row.drawn_at, row.number, row.unit) for row in rows if row.number is not None]
    band = Band(newest.reference_low, newest.reference_high)
    window = (draws[0], draws[-1]) if len(draws) > 1 else None
    return Test(
        name=name,
        full_name=newest.display,
        unit=newest.unit,
        reference=_reference(newest),
        cells=cells,
        latest=results[-1],
        line=sparkline(readings, band=band, window=window) if len(readings) > 1 else None,
        line_words=_line_words(name, results),
    )


def _result(row: _Row, usual_unit: str) -> Result:
    if row.number is None:
        value = exact = plain_term(row.text)
    else:
        value, exact = (row.comparator + form(row.number) for form in (formats.number, formats.exact_number))
    return Result(
        at=row.drawn_at,
        value=value,
        exact=exact,
        unit=row.unit if row.unit != usual_unit else "",
        flag=flag(interpretation=row.interpretation, value=row.number, comparator=row.comparator, reference=row.range),
        rated=is_rated(interpretation=row.interpretation, value=row.number, reference=row.range),
        note={"corrected": "corrected", "amended": "corrected", "preliminary": "preliminary"}.get(row.status, ""),
    )


def _reference(row: _Row) -> str:
    low, high = row.reference_low, row.reference_high
    if low is not None and high is not None:
        return f"{formats.number(low)}–{formats.number(high)}"  # noqa: RUF001 - a range is written with an en dash
    if high is not None:
        return f"up to {formats.number(high)}"
    if low is not None:
        return f"from {formats.number(low)}"
    return row.reference_text


def _line_words(name: str, results: Sequence[Result]) -> str:
    first, last = results[0], results[-1]
    began, ended = formats.day(first.at), formats.day(last.at)
    return f"{name}, {len(results)} values, from {first.value} on {began} to {last.value} on {ended}"

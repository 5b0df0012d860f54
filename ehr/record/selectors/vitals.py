"""The latest vital signs, each with its course on real time."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ehr.lib.tenancy import raw_cursor
from ehr.record.selectors.flags import Flag, Range, flag
from ehr.ui import formats
from ehr.ui.sparkline import Band, Reading, Sparkline, sparkline

READINGS = 12
SIZE = (64.0, 16.0)

SYSTOLIC, DIASTOLIC = "8480-6", "8462-4"
_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Temp", ("8310-5",)),
    ("Pulse", ("8867-4",)),
    ("BP", ("85354-9", "55284-4")),
    ("Resp", ("9279-1",)),
    ("SpO₂", ("59408-5", "2708-6")),
    ("Weight", ("29463-7",)),
)
"""LOINC codes of the vital signs on the Summary, in the order of the story rail."""
_NAME_OF = {code: name for name, codes in _SIGNS for code in codes}
_UNITS = {"Cel": "°C", "[degF]": "°F", "mm[Hg]": "mmHg", "{breaths}/min": "/min", "{beats}/min": "/min"}

_SQL = """
SELECT reading.* FROM unnest(%(codes)s::text[]) AS wanted (code)
CROSS JOIN LATERAL (
  SELECT o.code, o.effective_low, o.value_number, o.value_unit_code, o.value_unit, o.interpretation,
    o.reference_low, o.reference_high, o.component_codes, o.component_numbers, o.component_units
  FROM record_observation o
  WHERE o.patient_id = %(patient)s AND o.code = wanted.code AND o.effective_low IS NOT NULL
    AND o.status NOT IN ('cancelled', 'entered-in-error', 'registered')
    AND (o.value_number IS NOT NULL OR o.component_numbers <> '{}')
  ORDER BY o.effective_low DESC LIMIT %(readings)s
) reading
ORDER BY reading.effective_low
"""


class _Row(NamedTuple):
    code: str
    at: datetime
    number: Decimal | None
    unit_code: str
    unit: str
    interpretation: str
    reference_low: Decimal | None
    reference_high: Decimal | None
    component_codes: list[str]
    component_numbers: list[Decimal | None]
    component_units: list[str]


@dataclass(frozen=True, slots=True)
class Sign:
    """One vital sign: its latest value as shown, and its line. `line_words` is the line's text twin."""

    name: str
    value: str
    unit: str
    at: datetime
    flag: Flag | None
    line: Sparkline | None
    line_words: str
    is_older: bool = False

    @property
    def line_css(self) -> str:
        """The class of the line's last point."""
        return self.flag.css if self.flag else "unrated"


@dataclass(frozen=True, slots=True)
class Vitals:
    """The signs that were ever measured; `at` is the time of the newest."""

    signs: tuple[Sign, ...]
    at: datetime | None


def vital_signs(patient_key: int) -> Vitals:
    """A patient's latest vital signs: one query, reading no more than READINGS of each."""
    with raw_cursor() as cursor:
        cursor.execute(_SQL, {"codes": list(_NAME_OF), "patient": patient_key, "readings": READINGS})
        rows = [_Row(*row) for row in cursor.fetchall()]
    by_name: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        if _number(row) is not None:
            by_name[_NAME_OF[row.code]].append(row)
    newest = max((of[-1].at for of in by_name.values()), default=None)
    signs = tuple(_sign(name, by_name[name], newest) for name, _ in _SIGNS if name in by_name and newest)
    return Vitals(signs=signs, at=newest)


def _sign(name: str, rows: list[_Row], newest: datetime) -> Sign:
    last = rows[-1]
    value, unit = _shown(last)
    readings = [
        Reading(row.at, number, _shown(row)[1]) for row in rows[-READINGS:] if (number := _number(row)) is not None
    ]
    reference = Range(last.reference_low, last.reference_high)
    first_value, _ = _shown(rows[0])
    return Sign(
        name=name,
        value=value,
        unit=unit,
        at=last.at,
        flag=flag(interpretation=last.interpretation, value=last.number, reference=reference),
        line=sparkline(readings, band=Band(reference.low, reference.high), size=SIZE) if len(readings) > 1 else None,
        line_words=f"{name}, {len(rows)} values, from {first_value} on {formats.day(rows[0].at)} to {value}",
        is_older=(newest - last.at).days >= 1,
    )


def _number(row: _Row) -> Decimal | None:
    """What the line is drawn by: the value, or the systolic pressure."""
    return row.number if row.number is not None else _component(row, SYSTOLIC)


def _component(row: _Row, code: str) -> Decimal | None:
    return next(
        (number for of, number in zip(row.component_codes, row.component_numbers, strict=True) if of == code), None
    )


def _shown(row: _Row) -> tuple[str, str]:
    """Value and unit for reading: 37.4 °C, 118/64 mmHg."""
    if row.number is not None:
        return formats.number(row.number), _UNITS.get(row.unit_code, row.unit)
    systolic, diastolic = _component(row, SYSTOLIC), _component(row, DIASTOLIC)
    parts = [formats.number(part) if part is not None else "–" for part in (systolic, diastolic)]  # noqa: RUF001 - a dash
    unit = row.component_units[0] if row.component_units else ""
    return "/".join(parts), _UNITS.get(unit, unit)

"""Finding a patient from whatever one types: any name part, identifier, birth date, phone, several at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Literal

from ehr.access.reach import reach, recently_opened
from ehr.administration.selectors.likeness import alike
from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.audit.selectors import concerning
from ehr.lib import tenancy
from ehr.lib.text import compact_words

SHOWN = 25
FETCHED = 2 * SHOWN  # more than shown: some of them this actor may not see
RECENT = 12
SUGGESTED = 18
CANDIDATES = 1000  # what a vague question may match before it is asked to be sharper
MOST_TERMS = 8

SEARCHED = "administration.patient.search"
"""The name under which the trail holds a question, and a refused one."""

Group = Literal["found", "recent", "in-house", "newest"]

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_NAME = "|".join(_MONTHS)
_DATE_FORMS = tuple(
    re.compile(rf"(?<!\w)(?:{form})(?!\w)", re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?",  # 1957-03-14, 1957-03
        rf"(?P<day>\d{{1,2}})[-. ]?(?P<name>{_NAME})[a-z]*[-., ]*(?P<year>\d{{4}})",  # 14-Mar-1957, 14 March 1957
        rf"(?P<name>{_NAME})[a-z]*[-. ]*(?P<day>\d{{1,2}})[, ]+(?P<year>\d{{4}})",  # Mar 14, 1957
        rf"(?P<name>{_NAME})[a-z]*-(?P<year>\d{{4}})",  # Mar-1957; "mar 1957" may be Margaret, born 1957
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",  # 14.03.1957
        r"(?P<month>\d{1,2})/(?:(?P<day>\d{1,2})/)?(?P<year>\d{4})",  # 3/14/1957, 3/1957
    )
)

_COLUMNS = """p.fhir_id, p.name, p.birth_date, p.gender, p.mrn, p.deceased, p.deceased_date,
  coalesce(stay.location_display, ''), stay.period_low"""
_STAY = """LEFT JOIN LATERAL (
  SELECT e.location_display, e.period_low FROM administration_encounter e
  WHERE e.patient_id = p.key AND e.status = 'in-progress' AND e.class_code <> 'AMB'
  ORDER BY e.period_low DESC NULLS LAST LIMIT 1
) stay ON true"""
_FOUND_SQL = """
WITH candidate AS MATERIALIZED (
  SELECT * FROM administration_patient WHERE {conditions} LIMIT %(candidates)s
), best AS MATERIALIZED (
  SELECT *, row_number() OVER (
    ORDER BY replace(mrn, ' ', '') = ANY(%(terms)s) DESC, lower(family) = ANY(%(terms)s) DESC, name, birth_date, key
  ) AS place FROM candidate ORDER BY place LIMIT %(limit)s
)
SELECT 0, {columns} FROM best p {stay} ORDER BY p.place
"""
_SUGGESTED_SQL = """
WITH in_house AS (
  SELECT patient_id AS key, max(period_low) AS since FROM administration_encounter
  WHERE status = 'in-progress' AND class_code <> 'AMB' AND patient_id IS NOT NULL
  GROUP BY patient_id ORDER BY since DESC NULLS LAST LIMIT %(limit)s
), newest AS (
  SELECT key FROM administration_patient ORDER BY key DESC LIMIT %(limit)s
), suggestion AS (
  SELECT DISTINCT ON (key) key, rank, place FROM (
    SELECT p.key, 1 AS rank, r.place FROM unnest(%(recent)s::text[]) WITH ORDINALITY AS r (id, place)
      JOIN administration_patient p ON p.fhir_id = r.id
    UNION ALL SELECT key, 2, row_number() OVER (ORDER BY since DESC NULLS LAST, key) FROM in_house
    UNION ALL SELECT key, 3, row_number() OVER (ORDER BY key DESC) FROM newest
  ) each_way ORDER BY key, rank
)
SELECT s.rank, {columns} FROM suggestion s JOIN administration_patient p ON p.key = s.key {stay}
ORDER BY s.rank, s.place LIMIT %(limit)s
"""
_GROUPS: tuple[Group, ...] = ("found", "recent", "in-house", "newest")


@dataclass(frozen=True, slots=True)
class Hit:
    """A patient in a list. `looks_like_another`: somebody else on this list has a similar name."""

    group: Group
    patient_id: str
    name: str
    birth_date: str
    gender: str
    mrn: str
    deceased: bool
    deceased_date: str
    location: str
    stay_since: datetime | None
    restricted: bool = False
    looks_like_another: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found. `more`: the list is not all."""

    hits: tuple[Hit, ...]
    more: bool = False


def search_terms(text: str) -> list[str]:
    """What a question asks for, as beginnings of words of Patient.search_text; a date becomes 19570314 or 195703.

    The mark between them tells day from month: 14.03.1957, 3/14/1957. A date that does not exist stays as typed.
    """
    dates: list[str] = []

    def take(match: re.Match[str]) -> str:
        compact = _compact_date(match)
        if compact is None:
            return match.group()
        dates.append(compact)
        return " "

    for form in _DATE_FORMS:
        text = form.sub(take, text)
    return [*compact_words(text), *dates][:MOST_TERMS]


def _compact_date(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    year, day = int(parts["year"]), parts.get("day")
    month = _MONTHS[parts["name"].lower()] if parts.get("name") else int(parts["month"])
    try:
        stated = date(year, month, int(day) if day else 1)
    except ValueError:
        return None
    return f"{stated:%Y%m%d}" if day else f"{stated:%Y%m}"


def find_patients(*, actor: Actor, text: str) -> Found:
    """The patients that answer every part of `text` and that this actor reaches; audited. Without text: likely ones.

    The caller has demanded ``administration.search``.
    """
    terms = search_terms(text)
    hits = _found(terms) if terms else _suggested(actor)
    reached = reach(actor=actor, patient_ids=[hit.patient_id for hit in hits])
    visible = [hit for hit in hits if hit.patient_id in reached]
    shown = visible[: SHOWN if terms else SUGGESTED]
    similar = alike([hit.name for hit in shown])
    marked = tuple(
        replace(hit, restricted=reached[hit.patient_id].restricted, looks_like_another=place in similar)
        for place, hit in enumerate(shown)
    )
    _note(actor, marked, terms)
    return Found(hits=marked, more=bool(terms) and len(visible) > SHOWN)


def _found(terms: Sequence[str]) -> list[Hit]:
    # Every term is letters and digits only (compact_words), so it holds no wildcard of LIKE.
    readings = _readings(terms)
    words = list(dict.fromkeys(term for reading in readings for term in reading))
    conditions = " OR ".join(
        "(" + " AND ".join(f"search_text LIKE %(word{words.index(term)})s" for term in reading) + ")"
        for reading in readings
    )
    values: dict[str, Any] = {f"word{place}": f"% {word}%" for place, word in enumerate(words)}
    sql = _FOUND_SQL.format(conditions=conditions, columns=_COLUMNS, stay=_STAY)
    return _hits(sql, values | {"terms": words, "candidates": CANDIDATES, "limit": FETCHED})


def _readings(terms: Sequence[str]) -> list[list[str]]:
    """The ways to read a question: as it is, and with 4820 1173, as we show a record number, as one number."""
    readings = [list(terms)]
    for place, (one, other) in enumerate(pairwise(terms)):
        if all(len(group) == 4 and group.isdigit() for group in (one, other)):
            readings.append([*terms[:place], one + other, *terms[place + 2 :]])
    return readings


def _suggested(actor: Actor) -> list[Hit]:
    recent = recently_opened(actor=actor, limit=RECENT)
    sql = _SUGGESTED_SQL.format(columns=_COLUMNS, stay=_STAY)
    return _hits(sql, {"recent": recent, "limit": FETCHED})


def _hits(sql: str, values: dict[str, Any]) -> list[Hit]:
    with tenancy.connection().cursor() as cursor:
        cursor.execute(sql, values)
        return [Hit(_GROUPS[row[0]], *row[1:]) for row in cursor.fetchall()]


def _note(actor: Actor, hits: Sequence[Hit], terms: Sequence[str]) -> None:
    """The audit row of a question: whom it showed, never what was typed."""
    patient_id, told = concerning({hit.patient_id for hit in hits})
    detail = {"terms": len(terms), "found": len(hits)} | told
    entities = tuple(f"Patient/{hit.patient_id}" for hit in hits)
    trail.write_read(trail.Row(SEARCHED, actor, patient_id=patient_id, entities=entities, detail=detail))

"""LOINC: LoincTableCore.csv of a release that the site has licensed (LOINC Users' Guide, appendix A)."""

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ehr.terminology.errors import UnreadableRelease
from ehr.terminology.releases import Release, ReleasedConcept
from ehr.terminology.sources.files import digest_of, lines
from ehr.terminology.systems import LOINC

NEEDED = ("LOINC_NUM", "COMPONENT", "LONG_COMMON_NAME", "SHORTNAME", "STATUS")
STATUSES = {"ACTIVE": True, "TRIAL": True, "DISCOURAGED": True, "DEPRECATED": False}


def loinc_release(path: Path, version: str) -> Release:
    """The terms of LoincTableCore.csv; its panels' and parts' files are not read. Raises UnreadableRelease."""
    return Release(LOINC.released(version), digest_of(path), partial(_concepts, path))


def _concepts(path: Path) -> Iterator[ReleasedConcept]:
    rows = csv.reader((f"{line}\n" for line in lines(path)), strict=True)
    try:
        header = next(rows, [])
        if missing := [name for name in NEEDED if name not in header]:
            raise UnreadableRelease(f"{path.name}, line 1", f"the header lacks {', '.join(missing)}")
        for row in rows:
            if len(row) != len(header):
                why = f"it has {len(row)} fields, not {len(header)}"
                raise UnreadableRelease(f"{path.name}, line {rows.line_num}", why)
            yield _term(dict(zip(header, row, strict=True)), f"{path.name}, line {rows.line_num}")
    except csv.Error as fault:
        raise UnreadableRelease(f"{path.name}, line {rows.line_num}", str(fault)) from fault


def _term(row: dict[str, str], place: str) -> ReleasedConcept:
    if row["STATUS"] not in STATUSES:
        raise UnreadableRelease(place, f"{row['STATUS']!r} is no status of LOINC")
    synonyms = tuple(text for text in (row["SHORTNAME"], row["COMPONENT"]) if text)
    return ReleasedConcept(row["LOINC_NUM"], row["LONG_COMMON_NAME"], synonyms, active=STATUSES[row["STATUS"]])

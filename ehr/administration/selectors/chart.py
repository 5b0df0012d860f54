"""What the frame of a chart says of a patient: who they are, and where they are now."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ehr.administration.choices import EncounterClass
from ehr.administration.models import Patient
from ehr.lib import clock
from ehr.lib.tenancy import raw_cursor

SHOWN = 5
_CLASSES = dict(EncounterClass.choices)

_STAYS_SQL = """
SELECT status = 'in-progress' AND class_code <> 'AMB' AND period_low IS NOT NULL AS is_here,
  class_code, type_display, reason_text, location_display, attending_display, period_start, period_low, period_end,
  count(*) OVER ()
FROM administration_encounter
WHERE patient_id = %(patient)s AND status NOT IN ('cancelled', 'entered-in-error')
ORDER BY is_here DESC, period_low DESC NULLS LAST, key DESC LIMIT %(limit)s
"""


class _Row(NamedTuple):
    is_here: bool
    class_code: str
    type_display: str
    reason: str
    location: str
    attending: str
    start: str
    started_at: datetime | None
    end: str
    total: int


@dataclass(frozen=True, slots=True)
class Stay:
    """An encounter in a list. `start`, `end` as stated (FHIR dateTime); `day` of a stay in progress, from 1."""

    kind: str
    title: str
    location: str
    attending: str
    start: str
    end: str
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Stays:
    """The latest encounters; `current` keeps the patient in the house now; `total` counts those not shown, too."""

    current: Stay | None
    latest: tuple[Stay, ...]
    total: int


def patient_by_id(patient_id: str) -> Patient | None:
    """The patient with that FHIR id; None when there is none. Given to `ehr.access.patients`; no surface calls it."""
    return Patient.objects.filter(fhir_id=patient_id).first()


def stays(patient_key: int) -> Stays:
    """A patient's encounters: the one that keeps them in the house first, then the latest. One query."""
    with raw_cursor() as cursor:
        cursor.execute(_STAYS_SQL, {"patient": patient_key, "limit": SHOWN})
        rows = [_Row(*row) for row in cursor.fetchall()]
    latest = tuple(_stay(row) for row in rows)
    return Stays(
        current=latest[0] if rows and rows[0].is_here else None,
        latest=latest,
        total=rows[0].total if rows else 0,
    )


def _stay(row: _Row) -> Stay:
    kind = _CLASSES.get(row.class_code, row.class_code).removesuffix(" encounter")
    return Stay(
        kind=kind,
        title=row.reason or row.type_display or kind or "Visit",
        location=row.location,
        attending=row.attending,
        start=row.start,
        end=row.end,
        day=(clock.now() - row.started_at).days + 1 if row.is_here and row.started_at else None,
    )

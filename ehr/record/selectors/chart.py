"""The Summary of a chart: problems, allergies, medications, vaccines; with results and vital signs from beside."""

from dataclasses import dataclass

from ehr.administration.selectors.chart import Stays, stays
from ehr.lib.tenancy import raw_cursor
from ehr.record.models import AllergyIntolerance, Condition, MedicationRequest
from ehr.record.rules import AllergyEntry, AllergyState, allergy_state, is_current
from ehr.record.selectors.results import Grid, result_grid
from ehr.record.selectors.vitals import Vitals, vital_signs
from ehr.record.selectors.words import DrugName, allergen, drug_name, plain_term

_VACCINES_SQL = """
SELECT display, occurrence, doses FROM (
  SELECT DISTINCT ON (code_system, code, display) display, occurrence, occurrence_low, key,
    count(*) OVER (PARTITION BY code_system, code, display) AS doses
  FROM record_immunization WHERE patient_id = %(patient)s AND status = 'completed'
  ORDER BY code_system, code, display, occurrence_low DESC NULLS LAST, key DESC
) latest ORDER BY occurrence_low DESC NULLS LAST, key DESC
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """A current condition. `onset` as stated (FHIR date or words)."""

    name: str
    onset: str
    severity: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class Problems:
    """Current conditions, the latest first, each named once; `past` counts those that are over."""

    current: tuple[Problem, ...]
    past: int


@dataclass(frozen=True, slots=True)
class Allergy:
    """A current allergy or intolerance."""

    name: str
    reaction: str
    severity: str
    is_severe: bool
    unconfirmed: bool


@dataclass(frozen=True, slots=True)
class Allergies:
    """`state` is never silent: listed, none known, unable to obtain, or not recorded."""

    state: AllergyState
    listed: tuple[Allergy, ...]


@dataclass(frozen=True, slots=True)
class MedicationLine:
    """A current medication as the NHS CUI medication line: name, then `parts`: dose, route, frequency."""

    name: DrugName
    parts: tuple[str, ...]
    since: str
    held: bool
    held_reason: str
    reported: bool


@dataclass(frozen=True, slots=True)
class Vaccine:
    """The latest dose of one vaccine, and how many there were."""

    name: str
    given: str
    doses: int


@dataclass(frozen=True, slots=True)
class Summary:
    """All that the Summary page shows below the banner."""

    stays: Stays
    problems: Problems
    allergies: Allergies
    vitals: Vitals
    results: Grid
    medications: tuple[MedicationLine, ...]
    vaccines: tuple[Vaccine, ...]


def summary(patient_key: int) -> Summary:
    """The Summary of a patient whose record was opened by `access.open_patient`: seven queries, whatever its size."""
    return Summary(
        stays=stays(patient_key),
        problems=_problems(patient_key),
        allergies=_allergies(patient_key),
        vitals=vital_signs(patient_key),
        results=result_grid(patient_key),
        medications=_medications(patient_key),
        vaccines=_vaccines(patient_key),
    )


def _problems(patient_key: int) -> Problems:
    rows = (
        Condition.objects.filter(patient_id=patient_key)
        .exclude(verification_status__in=("refuted", "entered-in-error"))
        .order_by("-onset_low", "-recorded_date_low", "-resource_id")
        .values_list("clinical_status", "verification_status", "display", "onset", "severity_display")
    )
    current: dict[str, Problem] = {}
    past = 0
    for clinical, verification, display, onset, severity in rows:
        if clinical in ("inactive", "remission", "resolved"):
            past += 1
        else:
            unsure = verification in ("unconfirmed", "provisional", "differential")
            current.setdefault(display, Problem(plain_term(display), onset, severity, unsure))
    return Problems(current=tuple(current.values()), past=past)


def _allergies(patient_key: int) -> Allergies:
    rows = list(
        AllergyIntolerance.objects.filter(patient_id=patient_key)
        .order_by("display")
        .values_list(
            "statement", "clinical_status", "verification_status", "display", "reaction", "severity", "criticality"
        )
    )
    entries = [(AllergyEntry(*row[:3]), *row[2:]) for row in rows]
    listed = [
        Allergy(
            name=allergen(display),
            reaction=reaction,
            severity=severity,
            is_severe=severity == "severe" or criticality == "high",
            unconfirmed=verification == "unconfirmed",
        )
        for entry, verification, display, reaction, severity, criticality in entries
        if is_current(entry) and entry.statement == "allergy"
    ]
    return Allergies(
        state=allergy_state(entry for entry, *_ in entries),
        listed=tuple(sorted(listed, key=lambda allergy: not allergy.is_severe)),
    )


def _medications(patient_key: int) -> tuple[MedicationLine, ...]:
    rows = (
        MedicationRequest.objects.filter(patient_id=patient_key, status__in=("active", "on-hold"))
        .exclude(intent__in=("proposal", "option"))
        .order_by("status", "-authored_on_low", "display", "-resource_id")
    )
    return tuple(_medication_line(row) for row in rows)


def _medication_line(row: MedicationRequest) -> MedicationLine:
    as_needed = "if needed" if row.as_needed and "needed" not in row.timing else ""
    dose = f"dose {row.dose}" if row.dose and not row.dose.strip("0123456789.,") else row.dose  # a bare number
    parts = tuple(part for part in (dose, row.route, row.timing, as_needed) if part)
    return MedicationLine(
        name=drug_name(row.display),
        parts=parts or tuple(filter(None, (row.dosage_text,))),
        since=row.authored_on,
        held=row.status == "on-hold",
        held_reason=row.status_reason,
        reported=row.reported,
    )


def _vaccines(patient_key: int) -> tuple[Vaccine, ...]:
    with raw_cursor() as cursor:
        cursor.execute(_VACCINES_SQL, {"patient": patient_key})
        return tuple(Vaccine(*row) for row in cursor.fetchall())

"""Reading the trail: every row about a patient, whatever kind of look or change it tells of."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from ehr.audit.models import AuditEvent

PATIENTS = "patients"
"""The member of `detail` that lists the patients of a row about several; a row about one has a `patient_id`."""


def concerning(patients: Collection[str]) -> tuple[str | None, dict[str, Any]]:
    """What a row about these patients says of them: its `patient_id`, and what goes into its `detail`."""
    if len(patients) == 1:
        return next(iter(patients)), {}
    return None, {PATIENTS: sorted(patients)} if patients else {}


def events_about(
    patient_id: str, *, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[AuditEvent]:
    """Every row about the patient, newest first: reads, searches that showed them, writes, chart openings, refusals.

    Recorded from `since` on and before `until`. Two indexes answer it, audit_event_patient and audit_event_patients.
    """
    listed = Q(detail__has_key=PATIENTS, detail__patients__contains=[patient_id])
    rows = AuditEvent.objects.filter(Q(patient_id=patient_id) | listed)
    if since is not None:
        rows = rows.filter(recorded_at__gte=since)
    if until is not None:
        rows = rows.filter(recorded_at__lt=until)
    return rows.order_by("-id")

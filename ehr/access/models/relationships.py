"""Who looks after whom, whose record is closed to most, and who broke the glass."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ehr.access.models.people import User
from ehr.access.rules import BREAK_GLASS_HOURS, RELATIONSHIPS, RESTRICTIONS
from ehr.audit.records import Record


class Grant(Record):
    """FHIR CareTeam.participant in spirit; a care relationship of one user to one patient, and where it comes from.

    `source` is the resource that brought it about (``Encounter/1``), or a word for it. Written by the action that
    admits, orders or consults, in its transaction.
    """

    kind = models.TextField(choices=[(kind, kind) for kind in RELATIONSHIPS])
    patient_id = models.TextField()
    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    source = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    granted_at = models.DateTimeField()
    granted_by = models.TextField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.TextField(null=True, blank=True)  # noqa: DJ001 - paired with ended_at

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RELATIONSHIPS), name="access_grant_kind"),
            models.CheckConstraint(condition=~Q(patient_id="") & ~Q(source=""), name="access_grant_named"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="access_grant_period"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False, ends_at__isnull=False),
                name="access_grant_end_paired",
            ),
            models.UniqueConstraint(
                "user", "patient_id", "kind", "source", condition=Q(ended_at=None), name="access_grant_once"
            ),
        ]
        indexes = [models.Index("patient_id", "user", name="access_grant_patient", condition=Q(ended_at=None))]


class Restriction(Record):
    """FHIR Resource.meta.security and Consent in spirit; closes a patient's record to all but those it names.

    It lets through users with a relationship to the patient, holders of the roles in `admits`, and, for a while,
    whoever breaks the glass. `label` is the code of a sensitivity label (v3 ActCode: PSY, HIV, ETH), of that kind only.
    """

    patient_id = models.TextField()
    kind = models.TextField(choices=[(kind, kind) for kind in RESTRICTIONS])
    label = models.TextField(blank=True, default="")
    admits = ArrayField(models.TextField(), default=list, blank=True)
    placed_at = models.DateTimeField()
    placed_by = models.TextField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.TextField(null=True, blank=True)  # noqa: DJ001 - paired with lifted_at

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RESTRICTIONS), name="access_restriction_kind"),
            models.CheckConstraint(condition=~Q(patient_id=""), name="access_restriction_patient"),
            models.CheckConstraint(
                condition=Q(kind="sensitivity") & ~Q(label="") | ~Q(kind="sensitivity") & Q(label=""),
                name="access_restriction_label_paired",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False, lifted_at__gte=F("placed_at")),
                name="access_restriction_lift_paired",
            ),
            models.UniqueConstraint(
                "patient_id", "kind", "label", condition=Q(lifted_at=None), name="access_restriction_once"
            ),
        ]


class BreakGlass(Record):
    """FHIR AuditEvent with purpose of use BTG; emergency access of one user to one restricted patient, for a while."""

    user = models.ForeignKey(User, models.PROTECT, related_name="broken_glass")
    patient_id = models.TextField()
    reason = models.TextField()
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=~Q(patient_id=""), name="access_break_glass_patient"),
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="access_break_glass_reason"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("started_at"))
                & Q(expires_at__lte=F("started_at") + timedelta(hours=BREAK_GLASS_HOURS)),
                name="access_break_glass_period",
            ),
        ]
        indexes = [models.Index("patient_id", "user", "expires_at", name="access_break_glass_by_patient")]

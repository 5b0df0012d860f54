"""People who sign in, and their roles."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower

from ehr.audit.actors import Actor
from ehr.audit.records import Record, RecordQuerySet
from ehr.lib import ids


class UserManager(BaseUserManager.from_queryset(RecordQuerySet)):  # type: ignore[misc] # a base made at run time
    """Finds users by user name, in whatever case it was typed."""

    def get_by_natural_key(self, username: str | None) -> "User":
        user: User = self.get(username=(username or "").lower())
        return user


class User(AbstractBaseUser, Record):
    """No FHIR resource; an account (FHIR AuditEvent.agent). A person who signs in.

    What they may do comes from their roles alone: Django's own permissions, groups and superusers are not used.
    `patient_id` is set for a portal user: the id of their own Patient resource.
    """

    kept_actor: Actor | None = None  # who this user is as an actor, once ehr.access.selectors has asked
    last_login = None  # Django would write it past the actions; `last_sign_in_at` is written by one

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    username = models.CharField(max_length=150, unique=True)
    display_name = models.TextField()
    patient_id = models.TextField(null=True, blank=True, unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.TextField()
    deactivated_at = models.DateTimeField(null=True, blank=True)
    deactivated_by = models.TextField(null=True, blank=True)  # noqa: DJ001 - paired with deactivated_at
    last_sign_in_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(username=Lower("username")), name="access_user_username_lower"),
            models.CheckConstraint(condition=~Q(username=""), name="access_user_username_given"),
            models.CheckConstraint(condition=~Q(display_name=""), name="access_user_display_name_given"),
            models.CheckConstraint(
                condition=Q(is_active=True, deactivated_at=None, deactivated_by=None)
                | Q(is_active=False, deactivated_at__isnull=False, deactivated_by__isnull=False),
                name="access_user_deactivation_paired",
            ),
        ]

    def get_full_name(self) -> str:
        """The name shown to colleagues: ``L. Sørensen, MD``."""
        return self.display_name


class Role(Record):
    """No FHIR resource; a kind of work (FHIR PractitionerRole.code). A named set of permissions.

    `permissions` holds entries as ehr.access.permission_sets.parse reads them.
    """

    name = models.TextField(unique=True)
    label = models.TextField()
    permissions = ArrayField(models.TextField())

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(name__regex="^[a-z][a-z_]*$"), name="access_role_name_format"),
        ]


class RoleAssignment(Record):
    """No FHIR resource; who holds which role, and when (FHIR PractitionerRole.period)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="role_assignments")
    role = models.ForeignKey(Role, models.PROTECT, related_name="assignments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = models.TextField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.TextField(null=True, blank=True)  # noqa: DJ001 - paired with ended_at

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="access_role_assignment_period"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False, ends_at__isnull=False),
                name="access_role_assignment_end_paired",
            ),
            ExclusionConstraint(
                name="access_role_assignment_once",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_at",
                            "ends_at",
                            RangeBoundary(),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

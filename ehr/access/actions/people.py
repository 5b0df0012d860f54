"""Users and their roles."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q

from ehr.access.errors import AccessRuleBroken, UsernameTaken
from ehr.access.events import UserDeactivated
from ehr.access.models import Role, RoleAssignment, User
from ehr.access.permission_sets import parse
from ehr.access.permissions import demand
from ehr.access.role_catalogue import CATALOGUE
from ehr.audit.actions import action, audit, publish
from ehr.audit.actors import Actor
from ehr.lib import clock


@action("access.role.load")
def load_roles(*, actor: Actor) -> list[str]:
    """Brings the shipped roles to what the catalogue says; roles of the tenant's own stay as they are.

    Returns the names of the roles that changed: none when called again.
    """
    demand(actor, "access.manage-users")
    stored = {role.name: role for role in Role.objects.select_for_update().order_by("id")}
    changed = []
    for content in CATALOGUE:
        parse(content.permissions)
        role = stored.get(content.name) or Role(name=content.name, permissions=[])
        if (role.label, tuple(role.permissions)) != (content.label, content.permissions):
            role.label, role.permissions = content.label, list(content.permissions)
            role.save()
            changed.append(content.name)
    audit(detail={"roles": changed})
    return changed


@action("access.user.create")
def create_user(
    *,
    actor: Actor,
    username: str,
    display_name: str,
    password: str,
    roles: Sequence[str] = (),
    patient_id: str | None = None,
) -> User:
    """Creates a user who signs in with `username` (kept in lower case) and `password`, in the named roles from now.

    `display_name` is what colleagues see (``L. Sørensen, MD``); `patient_id` is the Patient that a portal user is.
    Raises UsernameTaken, and AccessRuleBroken for a weak password, an unknown role or a patient who has an account.
    """
    demand(actor, "access.manage-users")
    name = username.strip().lower()
    _check_new_user(name, display_name, patient_id)
    user = User(
        username=name,
        display_name=display_name,
        patient_id=patient_id,
        created_at=clock.now(),
        created_by=actor.id,
    )
    _put_password(user, password)
    user.save()
    for role in roles:
        assign_role(actor=actor, user_id=str(user.id), role=role)
    audit(patient_id=patient_id, detail={"user": str(user.id)})
    return user


@action("access.user.set_password")
def set_password(*, actor: Actor, user_id: str, password: str) -> None:
    """Gives a user a new password; every session that they have open ends. Raises AccessRuleBroken if weak."""
    demand(actor, "access.manage-users")
    user = _lock_user(user_id)
    _put_password(user, password)
    user.save(update_fields=["password"])
    audit(detail={"user": user_id})


@action("access.user.deactivate")
def deactivate_user(*, actor: Actor, user_id: str, reason: str) -> None:  # noqa: ARG001 - `reason` is audited by @action
    """Ends a user's sign-in, at once and in open sessions too. The account stays. Repeating is harmless."""
    demand(actor, "access.manage-users")
    user = _lock_user(user_id)
    audit(detail={"user": user_id})
    if user.is_active:
        user.is_active, user.deactivated_at, user.deactivated_by = False, clock.now(), actor.id
        user.save(update_fields=["is_active", "deactivated_at", "deactivated_by"])
        publish(UserDeactivated(user_id=user_id))


@action("access.role.assign")
def assign_role(
    *, actor: Actor, user_id: str, role: str, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> RoleAssignment:
    """Gives a user a role, from `starts_at` (now) until `ends_at` (no end). Raises AccessRuleBroken.

    A user holds a role once at a time.
    """
    demand(actor, "access.manage-users")
    user = _lock_user(user_id)
    now = clock.now()
    start = starts_at or now
    held = RoleAssignment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=start), user=user, role__name=role)
    if ends_at is not None:
        held = held.filter(starts_at__lt=ends_at)
        if ends_at <= start:
            raise AccessRuleBroken("A role ends after it starts.")
    if held.exists():
        raise AccessRuleBroken(f"{user.username} holds the role {role} in that time already.")
    assignment = RoleAssignment.objects.create(
        user=user, role=_role(role), starts_at=start, ends_at=ends_at, assigned_at=now, assigned_by=actor.id
    )
    audit(detail={"user": user_id, "role": role, "assignment": assignment.pk})
    return assignment


@action("access.role.end")
def end_role(*, actor: Actor, user_id: str, role: str) -> None:
    """Takes a role from a user, from now on. Raises AccessRuleBroken when they do not hold it now."""
    demand(actor, "access.manage-users")
    user = _lock_user(user_id)
    now = clock.now()
    held = RoleAssignment.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=now), user=user, role__name=role, starts_at__lte=now
    ).first()
    if held is None:
        raise AccessRuleBroken(f"{user.username} does not hold the role {role}.")
    held.ends_at, held.ended_at, held.ended_by = now, now, actor.id
    held.save(update_fields=["ends_at", "ended_at", "ended_by"])
    audit(detail={"user": user_id, "role": role, "assignment": held.pk})


def _check_new_user(username: str, display_name: str, patient_id: str | None) -> None:
    if not username or not display_name.strip():
        raise AccessRuleBroken("A user has a user name and a name that colleagues see.")
    if User.objects.filter(username=username).exists():
        raise UsernameTaken(f"There is a user named {username} already.")
    if patient_id is not None and User.objects.filter(patient_id=patient_id).exists():
        raise AccessRuleBroken("This patient has an account already.")


def _put_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as fault:
        raise AccessRuleBroken(" ".join(fault.messages)) from fault
    user.set_password(password)


def _lock_user(user_id: str) -> User:
    user: User | None = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise AccessRuleBroken("There is no such user.")
    return user


def _role(name: str) -> Role:
    role = Role.objects.filter(name=name).first()
    if role is None:
        raise AccessRuleBroken(f"There is no role {name}.")
    return role

"""Care relationships, restrictions, and emergency access."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from ehr.access.errors import AccessRuleBroken
from ehr.access.events import GlassBroken
from ehr.access.models import BreakGlass, Grant, Restriction, Role, User
from ehr.access.permissions import demand
from ehr.access.rules import BREAK_GLASS_HOURS, RELATIONSHIPS, RESTRICTIONS
from ehr.audit.actions import action, audit, publish
from ehr.audit.actors import Actor
from ehr.audit.errors import Refused
from ehr.lib import clock


@action("access.relationship.grant")
def grant_relationship(
    *,
    actor: Actor,
    user_id: str,
    patient_id: str,
    kind: str,
    source: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Grant:
    """Puts a user in a care relationship with a patient, from `starts_at` (now) until `ends_at` (no end).

    `kind` is one of ehr.access.rules.RELATIONSHIPS, `source` the resource that brings it about (``Encounter/1``).
    Idempotent: a relationship of that kind and source that has not been ended is returned as it is. Nobody can let
    themselves into a restricted record in this way. Raises AccessRuleBroken.
    """
    demand(actor, "access.relate", patient_id=patient_id)
    if actor.kind == "user" and user_id == actor.id and _open_restrictions(patient_id).exists():
        raise Refused("access.relate", patient_id=patient_id)
    now = clock.now()
    start = starts_at or now
    _check_relationship(user_id, kind, start, ends_at)
    grant, created = Grant.objects.get_or_create(
        user_id=user_id,
        patient_id=patient_id,
        kind=kind,
        source=source,
        ended_at=None,
        defaults={"starts_at": start, "ends_at": ends_at, "granted_at": now, "granted_by": actor.id},
    )
    audit(patient_id=patient_id, detail={"user": user_id, "kind": kind, "grant": grant.pk, "created": created})
    return grant


@action("access.relationship.end")
def end_relationship(*, actor: Actor, user_id: str, patient_id: str, kind: str, source: str) -> None:
    """Ends a care relationship from now on. Raises AccessRuleBroken when there is none."""
    demand(actor, "access.relate", patient_id=patient_id)
    grant = (
        Grant.objects.select_for_update()
        .filter(user_id=user_id, patient_id=patient_id, kind=kind, source=source, ended_at=None)
        .first()
    )
    if grant is None:
        raise AccessRuleBroken("There is no such relationship to end.")
    now = clock.now()
    grant.ended_at, grant.ended_by = now, actor.id
    grant.ends_at = max(grant.starts_at, min(now, grant.ends_at or now))
    grant.save(update_fields=["ends_at", "ended_at", "ended_by"])
    audit(patient_id=patient_id, detail={"user": user_id, "kind": kind, "grant": grant.pk})


@action("access.restriction.place")
def place_restriction(
    *,
    actor: Actor,
    patient_id: str,
    kind: str,
    label: str = "",
    admits: Sequence[str] = (),
    reason: str,  # noqa: ARG001 - audited by @action
) -> Restriction:
    """Closes a patient's record to all but those related to the patient and the roles in `admits`.

    `kind` is one of ehr.access.rules.RESTRICTIONS; `label` (v3 ActCode) belongs to ``sensitivity`` alone. Raises
    AccessRuleBroken, also when a restriction of that kind and label stands.
    """
    demand(actor, "access.restrict", patient_id=patient_id)
    _check_restriction(kind, label, admits)
    if _open_restrictions(patient_id).filter(kind=kind, label=label).exists():
        raise AccessRuleBroken("This record is restricted in that way already.")
    restriction = Restriction.objects.create(
        patient_id=patient_id,
        kind=kind,
        label=label,
        admits=sorted(set(admits)),
        placed_at=clock.now(),
        placed_by=actor.id,
    )
    audit(patient_id=patient_id, detail={"restriction": restriction.pk, "kind": kind})
    return restriction


@action("access.restriction.lift")
def lift_restriction(*, actor: Actor, restriction_id: int, reason: str) -> None:  # noqa: ARG001 - `reason` is audited by @action
    """Lifts a restriction from now on. Raises AccessRuleBroken when there is none in force by that id."""
    demand(actor, "access.restrict")
    restriction = Restriction.objects.select_for_update().filter(pk=restriction_id, lifted_at=None).first()
    if restriction is None:
        raise AccessRuleBroken("There is no such restriction in force.")
    restriction.lifted_at, restriction.lifted_by = clock.now(), actor.id
    restriction.save(update_fields=["lifted_at", "lifted_by"])
    audit(patient_id=restriction.patient_id, detail={"restriction": restriction.pk, "kind": restriction.kind})


@action("access.glass.break")
def break_glass(*, actor: Actor, patient_id: str, reason: str, hours: int = BREAK_GLASS_HOURS) -> BreakGlass:
    """Opens a restricted record to the actor for `hours` (1 to 4), in an emergency. Announces GlassBroken.

    Only a user can, for themselves, with a reason in words. Raises AccessRuleBroken, also for a record that no
    restriction closes: there is no glass to break.
    """
    demand(actor, "access.break-glass", patient_id=patient_id)
    if actor.kind != "user":
        raise Refused("access.break-glass", patient_id=patient_id)
    if not reason.strip():
        raise AccessRuleBroken("Say why this record must be opened now.")
    if not 1 <= hours <= BREAK_GLASS_HOURS:
        raise AccessRuleBroken(f"Emergency access lasts 1 to {BREAK_GLASS_HOURS} hours.")
    if not _open_restrictions(patient_id).exists():
        raise AccessRuleBroken("This record is not restricted.")
    now = clock.now()
    opened = BreakGlass.objects.create(
        user_id=actor.id,
        patient_id=patient_id,
        reason=reason.strip(),
        started_at=now,
        expires_at=now + timedelta(hours=hours),
    )
    audit(patient_id=patient_id, detail={"break_glass": opened.pk, "hours": hours})
    publish(
        GlassBroken(
            user_id=actor.id,
            patient_id=patient_id,
            break_glass_id=opened.pk,
            expires_at=clock.fhir_instant(opened.expires_at),
        )
    )
    return opened


def _check_relationship(user_id: str, kind: str, starts_at: datetime, ends_at: datetime | None) -> None:
    if kind not in RELATIONSHIPS:
        raise AccessRuleBroken(f"{kind} is not a kind of care relationship.")
    if ends_at is not None and ends_at <= starts_at:
        raise AccessRuleBroken("A relationship ends after it starts.")
    if not User.objects.filter(pk=user_id).exists():
        raise AccessRuleBroken("There is no such user.")


def _check_restriction(kind: str, label: str, admits: Sequence[str]) -> None:
    if kind not in RESTRICTIONS:
        raise AccessRuleBroken(f"{kind} is not a kind of restriction.")
    if (kind == "sensitivity") != bool(label):
        raise AccessRuleBroken("A sensitivity restriction, and no other, names its label.")
    unknown = set(admits) - set(Role.objects.values_list("name", flat=True))
    if unknown:
        raise AccessRuleBroken(f"There is no role {', '.join(sorted(unknown))}.")


def _open_restrictions(patient_id: str) -> QuerySet[Restriction]:
    return Restriction.objects.filter(patient_id=patient_id, lifted_at=None)

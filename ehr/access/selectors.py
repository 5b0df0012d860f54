"""Every read about access: the actor behind a user, users and clients by name, and the one door to a patient."""

import re
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from ehr.access import patients
from ehr.access.errors import BreakGlassRequired, PatientNotFound
from ehr.access.facts import Facts, facts_of, request_of
from ehr.access.models import Client, Role, User
from ehr.access.permission_sets import PermissionSet, parse
from ehr.access.rules import Code, decide
from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.lib import clock, tenancy

Purpose = Literal["TREAT", "HPAYMT", "HOPERAT", "PATRQT", "COVERAGE"]
"""Why a record is opened, by v3 PurposeOfUse: treatment, payment, operations, the patient's own request, coverage."""

_FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_ACTOR_SQL = """
SELECT coalesce(array_agg(permission) FILTER (WHERE permission IS NOT NULL), '{}')
FROM access_user u
LEFT JOIN access_roleassignment a ON a.user_id = u.id
  AND a.starts_at <= %(now)s AND (a.ends_at IS NULL OR a.ends_at > %(now)s)
LEFT JOIN access_role r ON r.id = a.role_id
LEFT JOIN LATERAL unnest(r.permissions) AS permission ON true
WHERE u.id = %(user)s AND u.is_active
"""


@dataclass(frozen=True, slots=True)
class PatientAccess:
    """A record that was opened: the patient as its owning app loads it, and on what ground (`code`).

    `relationships` are the actor's care relationships; `restricted` says that the banner has to show a restriction.
    """

    patient_id: str
    patient: Any
    code: Code
    relationships: frozenset[str] = frozenset()
    restricted: bool = False


def find_user(username: str) -> User | None:
    """The user of that name, in whatever case it is written; None when there is none."""
    user: User | None = User.objects.filter(username=username.strip().lower()).first()
    return user


def find_client(name: str) -> Client | None:
    """The client of that name that has not ended; None when there is none."""
    return Client.objects.filter(name=name, ended_at=None).first()


def actor_for(user: User) -> Actor:
    """The actor that a signed-in user is, with what their roles allow now: one query, then kept on `user`.

    `request.user` lives as long as its request, so what is taken away counts from the next request on. A user who was
    deactivated holds nothing.
    """
    if user.kept_actor is None:
        permissions = _permissions(user.pk)
        user.kept_actor = Actor(kind="user", id=str(user.pk), name=user.display_name, permissions=permissions)
    return user.kept_actor


def roles_of(actor: Actor) -> list[Role]:
    """The roles that a user holds now, by name; none for anybody else. One query for a user."""
    if actor.kind != "user":
        return []
    now = clock.now()
    holding = Q(assignments__ends_at=None) | Q(assignments__ends_at__gt=now)
    held = Role.objects.filter(holding, assignments__user_id=actor.id, assignments__starts_at__lte=now)
    return list(held.order_by("name"))


def open_patient(*, actor: Actor, patient_id: str, permission: str, purpose: Purpose) -> PatientAccess:
    """The one door from a surface to a patient's data. Audits the opening, and the attempt.

    Raises PatientNotFound when there is no such patient or this actor may not see them, which look alike, and
    BreakGlassRequired when the record is restricted and the actor may break the glass.
    """
    patient, facts = _look_up(actor, patient_id)
    decision = decide(request_of(actor, facts, holds_permission=actor.may(permission)))
    if patient is None:
        _note_refusal(actor, None, permission, "absent")
        raise PatientNotFound
    if decision.outcome != "allowed":
        _note_refusal(actor, patient_id, permission, decision.code)
        raise PatientNotFound if decision.outcome == "refused" else BreakGlassRequired(patient_id)
    detail = {"permission": permission, "purpose": purpose, "ground": decision.code}
    trail.write_read(trail.Row("access.patient.open", actor, patient_id=patient_id, detail=detail))
    return PatientAccess(
        patient_id=patient_id,
        patient=patient,
        code=decision.code,
        relationships=facts.relationships,
        restricted=bool(facts.restrictions),
    )


def _permissions(user_id: UUID) -> PermissionSet:
    with tenancy.connection().cursor() as cursor:
        cursor.execute(_ACTOR_SQL, {"user": user_id, "now": clock.now()})
        return parse(cursor.fetchone()[0])


def _look_up(actor: Actor, patient_id: str) -> tuple[Any | None, Facts]:
    if not _FHIR_ID.fullmatch(patient_id):
        return None, Facts()
    return patients.load(patient_id), facts_of(actor, [patient_id])[patient_id]


def _note_refusal(actor: Actor, patient_id: str | None, permission: str, code: str) -> None:
    row = trail.Row(
        "access.patient.open",
        actor,
        patient_id=patient_id,
        detail={"permission": permission, "code": code},
        outcome="refused",
    )
    with transaction.atomic(using=tenancy.current_tenant()):
        trail.write([row])

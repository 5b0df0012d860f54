"""What the database knows that bears on who may open a record: for one patient or a list, in one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from ehr.access.rules import AccessRequest, OpenRestriction
from ehr.audit.actors import Actor
from ehr.lib import clock, tenancy

_SQL = """
SELECT wanted.id, held.roles,
  (SELECT coalesce(array_agg(DISTINCT g.kind), '{}') FROM access_grant g
    WHERE g.user_id = %(user)s AND g.patient_id = wanted.id AND g.ended_at IS NULL
      AND g.starts_at <= %(now)s AND (g.ends_at IS NULL OR g.ends_at > %(now)s)),
  (SELECT coalesce(jsonb_agg(jsonb_build_array(x.kind, x.admits)), '[]') FROM access_restriction x
    WHERE x.patient_id = wanted.id AND x.lifted_at IS NULL),
  EXISTS (SELECT 1 FROM access_breakglass b
    WHERE b.user_id = %(user)s AND b.patient_id = wanted.id AND b.expires_at > %(now)s),
  EXISTS (SELECT 1 FROM access_user u WHERE u.id = %(user)s AND u.patient_id = wanted.id)
FROM unnest(%(patients)s::text[]) AS wanted (id)
CROSS JOIN (SELECT coalesce(array_agg(r.name), '{}') AS roles
  FROM access_roleassignment a JOIN access_role r ON r.id = a.role_id
  WHERE a.user_id = %(user)s AND a.starts_at <= %(now)s AND (a.ends_at IS NULL OR a.ends_at > %(now)s)) AS held
"""
_RESTRICTIONS = msgspec.json.Decoder(list[tuple[str, frozenset[str]]])


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds now between one user and one patient. A client system has none: it is held to its scope."""

    roles: frozenset[str] = frozenset()
    relationships: frozenset[str] = frozenset()
    restrictions: tuple[OpenRestriction, ...] = ()
    glass_broken: bool = False
    is_own_record: bool = False


def facts_of(actor: Actor, patient_ids: Sequence[str]) -> Mapping[str, Facts]:
    """The facts between the actor and each of these patients. One query for a user, none for anybody else."""
    if actor.kind != "user":
        return dict.fromkeys(patient_ids, Facts())
    with tenancy.connection().cursor() as cursor:
        cursor.execute(_SQL, {"user": actor.id, "patients": list(patient_ids), "now": clock.now()})
        return {
            patient_id: Facts(
                roles=frozenset(roles),
                relationships=frozenset(relationships),
                restrictions=tuple(OpenRestriction(*each) for each in _RESTRICTIONS.decode(restrictions)),
                glass_broken=glass_broken,
                is_own_record=is_own_record,
            )
            for patient_id, roles, relationships, restrictions, glass_broken, is_own_record in cursor.fetchall()
        }


def request_of(actor: Actor, facts: Facts, *, holds_permission: bool) -> AccessRequest:
    """The question that ehr.access.rules.decide answers."""
    return AccessRequest(
        actor_kind=actor.kind,
        holds_permission=holds_permission,
        whole_facility=actor.may("access.all-patients"),
        may_break_glass=actor.may("access.break-glass"),
        is_own_record=facts.is_own_record,
        roles=facts.roles,
        relationships=facts.relationships,
        restrictions=facts.restrictions,
        glass_broken=facts.glass_broken,
    )

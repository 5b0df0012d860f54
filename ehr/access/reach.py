"""Many patients at once: whom an actor may find on a list, and whose chart they opened lately."""

from collections.abc import Sequence
from dataclasses import dataclass

from ehr.access.facts import facts_of, request_of
from ehr.access.rules import decide
from ehr.audit.actors import Actor
from ehr.audit.models import AuditEvent

RECENT_OPENINGS = 300  # how far back in a person's own trail we look for charts opened lately


@dataclass(frozen=True, slots=True)
class Reached:
    """A patient whom the actor may find. `restricted`: a restriction is in force, also one that lets the actor in."""

    restricted: bool


def reach(*, actor: Actor, patient_ids: Sequence[str]) -> dict[str, Reached]:
    """Those of the patients whom this user may find on a list, by the rules that open a record (`ehr.access.rules`).

    One query. A record that the user may open only by breaking the glass can be found, else nobody could; one that is
    closed to them is absent.
    """
    if not patient_ids:
        return {}
    return {
        patient_id: Reached(restricted=bool(facts.restrictions))
        for patient_id, facts in facts_of(actor, patient_ids).items()
        if decide(request_of(actor, facts, holds_permission=True)).outcome != "refused"
    }


def recently_opened(*, actor: Actor, limit: int) -> list[str]:
    """The ids of the patients whose chart this actor opened last, the latest first, from the audit trail."""
    openings = (
        AuditEvent.objects.filter(
            actor_id=actor.id, action="access.patient.open", outcome="success", patient_id__isnull=False
        )
        .order_by("-recorded_at")
        .values_list("patient_id", flat=True)[:RECENT_OPENINGS]
    )
    return list(dict.fromkeys(patient_id for patient_id in openings if patient_id is not None))[:limit]

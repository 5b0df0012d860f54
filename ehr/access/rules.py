"""Who may open whose record: facts in, decision out."""

from dataclasses import dataclass
from typing import Literal, get_args

Relationship = Literal["treatment-team", "unit-assignment", "order", "queue", "consult", "on-call", "self"]
RELATIONSHIPS: tuple[Relationship, ...] = get_args(Relationship)

RestrictionKind = Literal["vip", "employee", "do-not-disclose", "sensitivity"]
RESTRICTIONS: tuple[RestrictionKind, ...] = get_args(RestrictionKind)

BREAK_GLASS_HOURS = 4

Outcome = Literal["allowed", "needs-break-glass", "refused"]
Code = Literal[
    "system-scope",
    "self",
    "direct-care",
    "facility-role",
    "break-glass",
    "restricted",
    "no-permission",
    "no-relationship",
]


@dataclass(frozen=True, slots=True)
class OpenRestriction:
    """A restriction in force on the patient, and the names of the roles it lets through."""

    kind: str
    admits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """All that bears on one attempt to open one patient's record.

    `holds_permission`: the permission the surface asks for. `whole_facility`: the actor's role reaches every patient
    who is not restricted. `is_own_record`: a portal user and their own Patient. `glass_broken`: an unexpired
    break-glass of this user for this patient.
    """

    actor_kind: Literal["user", "client", "system"]
    holds_permission: bool
    whole_facility: bool = False
    may_break_glass: bool = False
    is_own_record: bool = False
    roles: frozenset[str] = frozenset()
    relationships: frozenset[str] = frozenset()
    restrictions: tuple[OpenRestriction, ...] = ()
    glass_broken: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`code` says why, for the audit trail and for the words on the screen."""

    outcome: Outcome
    code: Code


def decide(request: AccessRequest) -> Decision:  # noqa: PLR0911 - read from the top, the first line that fits decides
    """Whether the record opens. Total; what no line allows is refused.

    A client system or the product itself is held to its scope alone: whoever registered it decided on its reach (SMART
    App Launch 2.0, Backend Services: authorized out of band).
    """
    if not request.holds_permission:
        return Decision("refused", "no-permission")
    if request.actor_kind != "user":
        return Decision("allowed", "system-scope")
    if request.is_own_record:
        return Decision("allowed", "self")
    if request.relationships:
        return Decision("allowed", "self" if request.relationships == {"self"} else "direct-care")
    if not request.whole_facility:
        return Decision("refused", "no-relationship")
    if all(restriction.admits & request.roles for restriction in request.restrictions):
        return Decision("allowed", "facility-role")
    if request.glass_broken:
        return Decision("allowed", "break-glass")
    if request.may_break_glass:
        return Decision("needs-break-glass", "restricted")
    return Decision("refused", "restricted")

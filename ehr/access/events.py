"""What happened to people's access. Ids and codes only."""

from dataclasses import dataclass

from ehr.audit.events import Event


@dataclass(frozen=True, slots=True)
class GlassBroken(Event):
    """A user opened a restricted record in an emergency; the privacy officer reviews it. `expires_at` is an instant."""

    user_id: str
    patient_id: str
    break_glass_id: int
    expires_at: str


@dataclass(frozen=True, slots=True)
class UserDeactivated(Event):
    """A user can no longer sign in."""

    user_id: str


@dataclass(frozen=True, slots=True)
class ClientEnded(Event):
    """A client system can no longer get or use a token."""

    client_id: str

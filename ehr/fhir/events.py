"""What the record store announces."""

from dataclasses import dataclass

from ehr.audit.events import Event


@dataclass(frozen=True, slots=True)
class ResourceWritten(Event):
    """A resource got a new version, or was deleted."""

    type: str
    id: str
    version_id: int
    outcome: str

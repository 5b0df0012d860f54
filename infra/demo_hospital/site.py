"""Where and when the demo plays: ids that are the same on every machine, times counted back from one moment."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from ehr.lib.clock import fhir_instant
from infra.demo_hospital.builders import Resource, reference

_NAMESPACE = uuid.UUID("5b0e5c3a-2f0d-4f0e-9a43-0d6c6f6c6f1e")


@dataclass(frozen=True, slots=True)
class Site:
    """One tenant's part of the demo. Everything in it lies around `moment`."""

    tenant: str
    moment: datetime

    def id(self, type_: str, key: str) -> str:
        """The id of what `key` names: opaque, since ids end up in addresses and logs."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.tenant}/{type_}/{key}"))

    def refer(self, type_: str, key: str, display: str = "") -> Resource:
        """A Reference to what `key` names."""
        return reference(f"{type_}/{self.id(type_, key)}", display)

    def ago(self, hours: float) -> datetime:
        """The moment, some hours earlier, on the full minute."""
        return (self.moment - timedelta(hours=hours)).replace(second=0, microsecond=0)

    def at(self, hours: float) -> str:
        """FHIR dateTime of `ago(hours)`, in UTC."""
        return f"{self.ago(hours):%Y-%m-%dT%H:%M:%SZ}"

    def instant(self, hours: float) -> str:
        """FHIR instant of `ago(hours)`."""
        return fhir_instant(self.ago(hours))

    def day(self, days: float) -> str:
        """FHIR date, some days earlier."""
        return f"{self.ago(24 * days):%Y-%m-%d}"

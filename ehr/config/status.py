"""The lines on the sign-in page: what works, said of this tenant, with nobody's data."""

from datetime import timedelta

from django.db import Error
from django.db.models import Max

from ehr.audit.models import AuditEvent, AuditSeal
from ehr.config.health import answers
from ehr.lib import clock
from ehr.lib.tenancy import current_tenant
from ehr.ui import formats
from ehr.ui.status import Line

SEALING = "audit.seal"  # its own row waits for the next event worth sealing
SEAL_IS_LATE = timedelta(minutes=1)


def records() -> Line:
    """Whether the records of this health system can be read."""
    works = answers(current_tenant())
    now = formats.clock_time(clock.now())
    return Line("Records and results", works, f"working, {now}" if works else f"not answering, {now}")


def audit_trail() -> Line:
    """Whether the audit trail is sealed up to now: late when an event has waited for a minute."""
    label = "Audit trail"
    try:
        sealed = AuditSeal.objects.aggregate(at=Max("sealed_at"))["at"]
        newest = (
            AuditEvent.objects.exclude(action=SEALING).order_by("-id").values_list("recorded_at", flat=True).first()
        )
    except Error:
        return Line(label, works=False, told="not answering")
    if sealed is None:
        return Line(label, newest is None or clock.now() - newest < SEAL_IS_LATE, "no seal yet")
    late = newest is not None and newest > sealed and clock.now() - newest > SEAL_IS_LATE
    return Line(label, not late, f"sealed {formats.day_and_time(sealed)}")

"""What the schedule and the wake-ups run, for the tenant that the message's header names."""

from time import monotonic

from ehr.audit import outbox, seal
from ehr.config.celery import DRAIN, FORGET, SEAL, SWEEP, app
from ehr.lib.tenancy import current_tenant

last_done: dict[tuple[str, str], float] = {}
"""When this process last did a scheduled task for a tenant, on the monotonic clock."""


@app.task(name=SEAL)
def seal_audit_trail() -> int:
    """Seals what has come since; how many seals that took."""
    made = seal.seal_pending()
    last_done[SEAL, current_tenant()] = monotonic()
    return made


@app.task(name=SWEEP)
def sweep_outbox() -> int:
    """Delivers all that is due in any queue; how many messages were done."""
    done = outbox.sweep()
    last_done[SWEEP, current_tenant()] = monotonic()
    return done


@app.task(name=DRAIN)
def drain_outbox(queue: str) -> int:
    """Delivers what is due in one queue; how many messages were done."""
    return outbox.drain(queue)


@app.task(name=FORGET)
def forget_done_outbox() -> int:
    """Deletes messages done long ago; how many."""
    return outbox.forget_done()

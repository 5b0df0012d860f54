"""A thread beside the worker that does what the schedule did not: Redis or beat is away, or a task got lost."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

import redis
from django.conf import settings
from django.db import connections

from ehr.audit import outbox, seal
from ehr.audit.errors import without_text
from ehr.config.celery import SEAL, SEAL_EVERY, SWEEP, SWEEP_EVERY
from ehr.config.tasks import last_done
from ehr.lib.tenancy import use_tenant

EVERY = 1.0  # seconds

logger = logging.getLogger(__name__)


class Standby:
    """Looks every second whether sealing or sweeping is overdue for a tenant, and does it."""

    def __init__(self, aliases: list[str], redis_url: str) -> None:
        self._aliases = aliases
        self._redis = redis.Redis.from_url(redis_url, socket_connect_timeout=0.2, socket_timeout=0.2)
        self._stopped = Event()

    def start(self) -> None:
        """Starts the thread, which ends with the process."""
        Thread(target=self._run, name="standby", daemon=True).start()

    def stop(self) -> None:
        """Lets the thread end after what it is doing."""
        self._stopped.set()

    def look(self) -> None:
        """Does once what is overdue. A fault of one tenant does not keep the others waiting."""
        patience = self._patience()
        for alias in self._aliases:
            for name, duty in DUTIES.items():
                if monotonic() - last_done.get((name, alias), 0.0) >= patience[name]:
                    self._do(name, duty, alias)

    def _run(self) -> None:
        while not self._stopped.wait(EVERY):
            self.look()

    def _patience(self) -> dict[str, float]:
        """Seconds after which a duty counts as overdue: without Redis no wake-up comes, so each look sweeps."""
        try:
            self._redis.ping()
        except redis.RedisError:
            return {SEAL: SEAL_EVERY, SWEEP: EVERY}
        return {SEAL: SEAL_EVERY + EVERY, SWEEP: SWEEP_EVERY + EVERY}

    def _do(self, name: str, duty: Callable[[], int], alias: str) -> None:
        try:
            with use_tenant(alias):
                duty()
            last_done[name, alias] = monotonic()
        except Exception as fault:  # noqa: BLE001 - tried again at the next look, as often as it takes
            logger.warning("standby: %s for %s failed: %s", name, alias, without_text(fault))
        finally:
            connections.close_all()  # this thread's own; the next look may find another server there


DUTIES: dict[str, Callable[[], int]] = {SEAL: seal.seal_pending, SWEEP: outbox.sweep}

standby = Standby([tenant.alias for tenant in settings.TENANTS], settings.REDIS_URL)

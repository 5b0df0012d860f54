"""Wakes the worker up after a commit. The commit itself never waits for Redis: a thread of its own sends.

A wake-up is a hint. One that is lost, with Redis or with this process, is made up for by the sweep.
"""

import logging
from collections.abc import Callable
from threading import Condition, Thread

from django.conf import settings
from kombu import Connection

from ehr.audit.errors import without_text
from ehr.config.celery import DRAIN, app

GATHER = 0.05  # seconds in which further wake-ups of the same queue become one
REST = 1.0  # seconds in which nothing is tried after Redis failed
EXPIRES = 30.0  # seconds after which the sweep has done it anyway

logger = logging.getLogger(__name__)

WakeUp = tuple[str, str]


class WakeUps:
    """Sends one message per tenant and queue, however many commits ask for it within GATHER seconds."""

    def __init__(self, send: Callable[[str, str], None], *, gather: float = GATHER, rest: float = REST) -> None:
        self._send = send
        self._gather = gather
        self._rest = rest
        self._waiting: set[WakeUp] = set()
        self._changed = Condition()
        self._thread: Thread | None = None

    def wake(self, alias: str, queue: str) -> None:
        """Returns at once. Safe in any thread, and in a process that was forked from one that used it."""
        with self._changed:
            self._waiting.add((alias, queue))
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="wake-ups", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        reachable = True
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                batch = sorted(self._waiting)
                self._waiting.clear()
            try:
                for alias, queue in batch:
                    self._send(alias, queue)
            except Exception as fault:  # noqa: BLE001 - kombu's transports raise many kinds; all mean: not sent
                if reachable:
                    logger.warning("wake-ups cannot be sent, the worker polls: %s", without_text(fault))
                reachable = False
                self._pause(self._rest, forget=True)
            else:
                reachable = True
                self._pause(self._gather, forget=False)

    def _pause(self, seconds: float, *, forget: bool) -> None:
        with self._changed:
            self._changed.wait_for(lambda: False, timeout=seconds)
            if forget:
                self._waiting.clear()


class CelerySender:
    """Sends `drain` by a connection of its own, with short timeouts, made anew after a failure. For one thread."""

    def __init__(self, url: str, *, timeout: float = 0.5) -> None:
        self._url = url
        self._options = {
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            "retry_on_timeout": False,
            "max_retries": 0,
        }
        self._connection: Connection | None = None

    def __call__(self, alias: str, queue: str) -> None:
        """Raises whatever the transport raises."""
        if self._connection is None:
            self._connection = Connection(self._url, transport_options=self._options)
        try:
            app.send_task(
                DRAIN,
                args=[queue],
                headers={"tenant": alias},
                connection=self._connection,
                expires=EXPIRES,
                retry=False,
            )
        except Exception:
            broken, self._connection = self._connection, None
            broken.release()
            raise


wake_ups = WakeUps(CelerySender(settings.REDIS_URL))

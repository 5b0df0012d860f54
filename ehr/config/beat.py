"""The clock of the schedule: what it cannot send while Redis is away, it says once, not with each task."""

import logging
from typing import Any

from celery.beat import ScheduleEntry, Scheduler, SchedulingError

log = logging.getLogger(__name__)


class Clock(Scheduler):
    """Keeps the schedule in memory: a run that was missed is caught up by the standby, and no file can break."""

    away = False

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Sends a task that is due, or tells in one line that the broker went away, and in one that it is back."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as fault:
            if not self.away:
                cause = type(fault.__context__ or fault).__name__
                log.warning("tasks cannot be sent (%s): the workers' standby does them until the broker is back", cause)
            self.away = True
            return
        if self.away:
            log.warning("the broker is back: tasks are sent again")
        self.away = False

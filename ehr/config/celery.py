"""Celery: the wake-up and the schedule of work whose truth stands in PostgreSQL. What Redis loses, somebody sweeps up.

The worker runs tasks in threads: they wait for the database rather than compute, two small tenants do not fill one
process, and the stand-in for a lost Redis (ehr.config.standby) shares that process and sees what the tasks have done.
"""

import os
from typing import Any
from uuid import UUID

from celery import Celery, Task
from celery.schedules import crontab
from celery.signals import worker_init, worker_shutting_down
from django.conf import settings

from ehr.audit.context import correlated, correlation_id
from ehr.audit.errors import without_text
from ehr.lib.tenancy import current_tenant, use_tenant

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ehr.config.settings")
# Django's checks run with the migrations; here, where no tenant is in force, those that ask the router must fail.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

SEAL_EVERY = 2.0  # seconds; with the work itself this keeps below the five that are promised
SWEEP_EVERY = 10.0

SEAL = "ehr.seal_audit_trail"
SWEEP = "ehr.sweep_outbox"
DRAIN = "ehr.drain_outbox"
FORGET = "ehr.forget_done_outbox"


class TaskFailed(RuntimeError):
    """A task ended in a fault, told without its text: Celery logs this."""


class TenantTask(Task):  # type: ignore[type-arg] # generic in the stubs only
    """A task of one tenant, named in the message's header. Arguments are ids only."""

    def apply_async(self, *args: Any, **options: Any) -> Any:
        """Sends the task for the tenant in force, with the correlation id of its cause, unless headers are given."""
        return super().apply_async(*args, **options | {"headers": _headers(options)})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        headers = self.request.headers or {}
        correlation = headers.get("correlation_id")
        with use_tenant(headers["tenant"]), correlated(UUID(correlation) if correlation else None):
            try:
                return super().__call__(*args, **kwargs)
            except Exception as fault:  # noqa: BLE001 - raised again, without what may tell of a patient
                raise TaskFailed(without_text(fault)) from None


def _headers(options: dict[str, Any]) -> dict[str, str]:
    given: dict[str, str] | None = options.get("headers")
    return given or {"tenant": current_tenant(), "correlation_id": str(correlation_id())}


def _scheduled(task: str, schedule: float | crontab, expires: float) -> dict[str, dict[str, Any]]:
    return {
        f"{task} for {tenant.alias}": {
            "task": task,
            "schedule": schedule,
            "options": {"headers": {"tenant": tenant.alias}, "expires": expires},
        }
        for tenant in settings.TENANTS
    }


app = Celery("ehr", task_cls=TenantTask, include=["ehr.config.tasks"])
app.conf.update(
    broker_url=settings.REDIS_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # An unacknowledged message comes again after this long; nothing here takes as long, and all of it may be repeated.
    broker_transport_options={"visibility_timeout": 300, "socket_connect_timeout": 1, "socket_keepalive": True},
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_pool="threads",
    worker_concurrency=4,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    beat_scheduler="ehr.config.beat:Clock",
    beat_max_loop_interval=1,
    beat_schedule={
        **_scheduled(SEAL, SEAL_EVERY, SEAL_EVERY),
        **_scheduled(SWEEP, SWEEP_EVERY, SWEEP_EVERY),
        **_scheduled(FORGET, crontab(hour="3", minute="30"), 3600),
    },
)


@worker_init.connect
def _stand_by(**kwargs: Any) -> None:  # noqa: ARG001 - a signal's receiver
    """Also when Redis is away from the start: worker_ready would wait for it."""
    from ehr.config.standby import standby  # noqa: PLC0415 - needs the models, which are loaded only in a worker

    standby.start()


@worker_shutting_down.connect
def _step_down(**kwargs: Any) -> None:  # noqa: ARG001 - a signal's receiver
    from ehr.config.standby import standby  # noqa: PLC0415 - as above

    standby.stop()

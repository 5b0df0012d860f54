"""The audit figure: how fast the trail is verified."""

import json
import os
import time
from typing import Any

import django
from django.conf import settings
from django.db import transaction

from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.lib.tenancy import use_tenant
from infra.benches.figures import Figure, Site
from infra.benches.instance import manage

EVENTS = 200_000
AT_ONCE = 1_000
SEALED_SECONDS = 60


def audit(site: Site) -> list[Figure]:  # noqa: ARG001 - the shape of a bench
    """`audit_verify_events_per_s`, over a trail of at least EVENTS, all of them sealed."""
    _append()
    report = _verified()
    return [
        Figure("audit_verify_events", report["events"], "events"),
        Figure("audit_verify_events_per_s", report["events_per_s"], "1/s"),
    ]


def _append() -> None:
    """Rows as reads leave them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ehr.config.settings")
    django.setup()
    tenant = settings.TENANTS[0].alias
    actor = Actor(kind="system", id="bench", name="bench")
    with use_tenant(tenant):
        for start in range(0, EVENTS, AT_ONCE):
            patients = (f"bench-{number}" for number in range(start, start + AT_ONCE))
            rows = [
                trail.Row("bench.patient.read", actor, patient_id=id_, entities=(f"Patient/{id_}/_history/1",))
                for id_ in patients
            ]
            with transaction.atomic(using=tenant):
                trail.write(rows)


def _verified() -> dict[str, Any]:
    """What `audit_verify` says once the seal has caught up."""
    deadline = time.monotonic() + SEALED_SECONDS
    while True:
        report: dict[str, Any] = json.loads(manage("audit_verify", "--json"))
        if report["events"] >= EVENTS or time.monotonic() > deadline:
            return report
        time.sleep(1)

"""Checks that the audit trail is as it was sealed."""

import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from ehr.audit import keys
from ehr.audit.verify import Report, verify_tenant
from ehr.lib import json
from ehr.lib.tenancy import use_tenant


class Command(BaseCommand):
    help = (
        "Verifies every tenant's audit trail against its signed seals and their copies in the document store; "
        "names the first altered, missing or added row and exits 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        aliases = [tenant.alias for tenant in settings.TENANTS]
        parser.add_argument("--tenant", choices=aliases, action="append", help="only this one; may be repeated")
        parser.add_argument("--public-key", type=Path, help="the auditor's copy of the key, in PEM")
        parser.add_argument("--limit", type=int, default=100, help="differences to list; all are counted")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        key = keys.public_key(options["public_key"])
        reports = []
        for alias in options["tenant"] or [tenant.alias for tenant in settings.TENANTS]:
            with use_tenant(alias):
                reports.append(verify_tenant(key, limit=options["limit"]))
        self.stdout.write(_as_json(reports) if options["json"] else "\n".join(map(_as_text, reports)))
        if not all(report.ok for report in reports):
            sys.exit(1)


def _as_json(reports: list[Report]) -> str:
    tenants = [
        asdict(report) | {"ok": report.ok, "events_per_s": round(report.events_per_s), "first": report.first}
        for report in reports
    ]
    events = sum(report.events for report in reports)
    whole = {
        "ok": all(report.ok for report in reports),
        "events": events,
        "events_per_s": round(events / sum(report.seconds for report in reports)),
        "unsealed": sum(report.unsealed for report in reports),
        "tenants": tenants,
    }
    return json.encode(whole).decode()


def _as_text(report: Report) -> str:
    head = (
        f"{report.tenant}: {report.events} events, {report.events_per_s:.0f} a second; {report.seals} seals; "
        f"{report.unsealed} events not sealed yet; {report.copies_pending} seals not copied yet"
    )
    if report.first is None:
        return f"{head}\n{report.tenant}: all is as it was sealed"
    listed = [f"  {difference}" for difference in report.differences]
    if (more := report.difference_count - len(listed)) > 0:
        listed.append(f"  and {more} more")
    return "\n".join([head, f"{report.tenant}: NOT AS SEALED. First: {report.first}", *listed])

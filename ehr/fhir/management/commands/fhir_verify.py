"""Compares index and owners' columns with the record."""

import sys
import time
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from ehr.fhir.verification import Tally, verify
from ehr.lib.tenancy import use_tenant


class Command(BaseCommand):
    help = "Recomputes the search index and owners' columns of every resource; names what differs and exits 1."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        differences = sum(self._verify(tenant.alias) for tenant in settings.TENANTS)
        if differences:
            sys.exit(1)

    def _verify(self, alias: str) -> int:
        tally, started, found = Tally(), time.monotonic(), 0
        with use_tenant(alias):
            for difference in verify(tally):
                found += 1
                self.stdout.write(f"{alias}: {difference}")
        seconds = max(time.monotonic() - started, 0.001)
        self.stdout.write(
            f"{alias}: {tally.resources} resources, {tally.versions} superseded versions, {tally.rows} derived rows: "
            f"{found or 'no'} difference{'' if found == 1 else 's'} ({tally.resources / seconds:.0f} resources/s)"
        )
        return found

"""Loads the starter codes."""

from typing import Any

from django.core.management import BaseCommand

from ehr.access.permissions import operator
from ehr.terminology.starter import load_starter_codes


class Command(BaseCommand):
    help = "Loads the few codes that the product and its demo speak of into the tenant in force; again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        for report in load_starter_codes(actor=operator("load_starter_codes")):
            self.stdout.write(report.line())

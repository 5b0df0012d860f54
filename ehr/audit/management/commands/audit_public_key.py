"""Hands auditors the key that they check seals with."""

from typing import Any

from django.core.management import BaseCommand

from ehr.audit import keys


class Command(BaseCommand):
    help = "Prints the public key of the audit seal in PEM, for `audit_verify --public-key`. Keep it off this machine."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        self.stdout.write(keys.public_pem().decode(), ending="")

"""Registers a client system with the tenant in force."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import msgspec
from django.core.management import BaseCommand, CommandError

from ehr.access.actions import register_client
from ehr.access.errors import AccessRuleBroken
from ehr.access.permissions import operator


class Command(BaseCommand):
    help = "Registers a client system with the tenant in force (EHR_TENANT); prints its id, and its secret this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--scope", required=True, help='the most it may be given: "system/*.rs"')
        parser.add_argument("--jwks", type=Path, help="a file with its public keys: it signs assertions, has no secret")
        parser.add_argument("--token-lifetime", type=int, default=900, help="in seconds, 300 to 3600 (900)")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        try:
            registered = register_client(
                actor=operator("add_client"),
                name=options["name"],
                scope=options["scope"],
                jwks=_keys(options["jwks"]) if options["jwks"] else None,
                token_lifetime=options["token_lifetime"],
            )
        except (AccessRuleBroken, OSError, msgspec.DecodeError) as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(f"client_id {registered.client.client_id}")
        if registered.secret is not None:
            self.stdout.write(f"client_secret {registered.secret}")


def _keys(path: Path) -> dict[str, Any]:
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])

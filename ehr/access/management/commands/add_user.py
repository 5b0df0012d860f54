"""Adds a person who can sign in to the tenant in force."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from ehr.access.actions import create_user
from ehr.access.errors import AccessRuleBroken
from ehr.access.permissions import operator


class Command(BaseCommand):
    help = "Adds a user with the given roles to the tenant in force (EHR_TENANT) and prints a password made for them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help='the name that colleagues see: "L. Sørensen, MD"')
        parser.add_argument("--role", action="append", required=True, help="a role's name; may be repeated")
        parser.add_argument("--patient", help="the id of the Patient that a portal user is")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        password = secrets.token_urlsafe(15)
        try:
            user = create_user(
                actor=operator("add_user"),
                username=options["username"],
                display_name=options["name"],
                password=password,
                roles=options["role"],
                patient_id=options["patient"],
            )
        except AccessRuleBroken as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(f"username {user.username}\npassword {password}")

"""Loads the demo hospital."""

from importlib import import_module
from typing import Any

from django.core.management import BaseCommand


class Command(BaseCommand):
    help = "Loads the demo hospital's charts, logins and clients into every tenant; again changes nothing."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--content", default="infra.demo_hospital.loading", help="the Python module that loads it")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        # Found when asked for: the product is whole without its demo, and imports none of it.
        import_module(options["content"]).load_demo(self.stdout.write)

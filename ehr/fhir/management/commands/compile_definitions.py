"""Compiles FHIR's definitions from the npm package into the build artefact."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from ehr.fhir.definitions.artefact import FILE, ROOT, save
from ehr.fhir.definitions.compiler import compile_definitions

PACKAGE = ROOT / "node_modules" / "@medplum" / "definitions" / "dist" / "fhir" / "r4"


class Command(BaseCommand):
    help = "Compiles FHIR R4's definitions into build/fhir (run again after npm ci)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="folder", type=Path, default=PACKAGE, help="folder with HL7's JSON definitions")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is missing: run npm ci")
        save(compile_definitions(folder))
        self.stdout.write(f"{FILE}: {FILE.stat().st_size:,} bytes")

"""Compiles FHIR's definitions from the npm package into the build artefacts."""

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from ehr.fhir.definitions.artefact import FILE, ROOT, save
from ehr.fhir.definitions.compiler import compile_definitions
from ehr.fhir.definitions.profile_compiler import compile_profiles
from ehr.fhir.definitions.profiles import PROFILES_FILE, save_profiles

PACKAGE = ROOT / "node_modules" / "@medplum" / "definitions" / "dist" / "fhir" / "r4"


class Command(BaseCommand):
    help = "Compiles FHIR R4's definitions and the profiles at hand into build/fhir (run again after npm ci)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from", dest="folder", type=Path, default=PACKAGE, help="folder with HL7's JSON definitions"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is missing: run npm ci")
        compiled = compile_definitions(folder)
        save(compiled)
        save_profiles(compile_profiles(folder, compiled))
        for file in (FILE, PROFILES_FILE):
            self.stdout.write(f"{file}: {file.stat().st_size:,} bytes")

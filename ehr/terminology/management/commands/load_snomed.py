"""Loads SNOMED CT."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ehr.terminology.management.release_command import ReleaseCommand
from ehr.terminology.releases import Release
from ehr.terminology.sources.snomed import snomed_release


class Command(ReleaseCommand):
    help = "Loads SNOMED CT from an RF2 snapshot into the tenant in force; again changes nothing."
    action_name = "load_snomed"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("path", type=Path, help="the folder of the unpacked release")

    def release(self, options: dict[str, Any]) -> Release:
        return snomed_release(options["path"])

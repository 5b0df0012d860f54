"""Loads LOINC."""

from typing import Any

from ehr.terminology.management.release_command import FileReleaseCommand
from ehr.terminology.releases import Release
from ehr.terminology.sources.loinc import loinc_release


class Command(FileReleaseCommand):
    help = "Loads LOINC from a licensed release into the tenant in force; again changes nothing."
    action_name = "load_loinc"
    path_help = "LoincTableCore.csv of the release"

    def release(self, options: dict[str, Any]) -> Release:
        return loinc_release(options["path"], options["release"])

"""Loads UCUM's units."""

from typing import Any

from ehr.terminology.management.release_command import ReleaseCommand
from ehr.terminology.releases import Release
from ehr.terminology.sources.ucum import ucum_release


class Command(ReleaseCommand):
    help = "Loads the units that UCUM names into the tenant in force; again changes nothing."
    action_name = "load_ucum"

    def release(self, options: dict[str, Any]) -> Release:  # noqa: ARG002 - it has no options of its own
        return ucum_release()

"""Loads RxNorm."""

from typing import Any

from ehr.terminology.management.release_command import FileReleaseCommand
from ehr.terminology.releases import Release
from ehr.terminology.sources.rxnorm import rxnorm_release


class Command(FileReleaseCommand):
    help = "Loads RxNorm from a monthly release into the tenant in force; again changes nothing."
    action_name = "load_rxnorm"
    path_help = "RXNCONSO.RRF of the release"

    def release(self, options: dict[str, Any]) -> Release:
        return rxnorm_release(options["path"], options["release"])

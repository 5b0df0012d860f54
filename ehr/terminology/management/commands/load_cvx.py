"""Loads CVX."""

from typing import Any

from ehr.terminology.management.release_command import FileReleaseCommand
from ehr.terminology.releases import Release
from ehr.terminology.sources.cvx import cvx_release


class Command(FileReleaseCommand):
    help = "Loads the vaccines of CVX from the CDC's XML or text file into the tenant in force."
    action_name = "load_cvx"
    path_help = "the CDC's cvx.xml or cvx.txt"
    version_is_required = False

    def release(self, options: dict[str, Any]) -> Release:
        return cvx_release(options["path"], options["release"])

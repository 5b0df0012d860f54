"""Loads ICD-10-CM."""

from typing import Any

from ehr.terminology.management.release_command import ReleaseCommand
from ehr.terminology.releases import Release
from ehr.terminology.sources.icd10cm import icd10cm_release


class Command(ReleaseCommand):
    help = "Loads ICD-10-CM (98,000 codes) into the tenant in force; again changes nothing."
    action_name = "load_icd10cm"

    def release(self, options: dict[str, Any]) -> Release:  # noqa: ARG002 - it has no options of its own
        return icd10cm_release()

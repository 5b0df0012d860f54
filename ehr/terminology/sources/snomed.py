"""SNOMED CT: the snapshot of an RF2 release (SNOMED CT Release File Specification, section 4.2).

The display is the fully specified name; synonyms are the active descriptions in English. Parents are the active "is a"
relationships.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from ehr.terminology.errors import UnreadableRelease
from ehr.terminology.releases import Release, ReleasedConcept
from ehr.terminology.sources.files import digest_of, with_header
from ehr.terminology.sources.scratch import Scratch
from ehr.terminology.systems import SNOMED_CT

HEADERS = {
    "Concept": ("id", "effectiveTime", "active", "moduleId", "definitionStatusId"),
    "Description": (
        "id", "effectiveTime", "active", "moduleId", "conceptId", "languageCode", "typeId", "term",
        "caseSignificanceId",
    ),
    "Relationship": (
        "id", "effectiveTime", "active", "moduleId", "sourceId", "destinationId", "relationshipGroup", "typeId",
        "characteristicTypeId", "modifierId",
    ),
}  # fmt: skip
FULLY_SPECIFIED_NAME = "900000000000003001"
DEFINITION = "900000000000550004"
IS_A = "116680003"


def snomed_release(folder: Path) -> Release:
    """The release whose snapshot lies anywhere below `folder`. Raises UnreadableRelease."""
    snapshot = _Snapshot(folder)
    return Release(SNOMED_CT.released(snapshot.date), digest_of(*snapshot.files), snapshot.concepts)


class _Snapshot:
    """The three files of a snapshot, brought together once."""

    def __init__(self, folder: Path) -> None:
        self.files = tuple(
            _only_file(folder, pattern)
            for pattern in (
                "sct2_Concept_Snapshot_*.txt",
                "sct2_Description_Snapshot-en_*.txt",
                "sct2_Relationship_Snapshot_*.txt",
            )
        )
        dates = {found[1] for file in self.files if (found := re.search(r"_(\d{8})T?\d*Z?\.txt$", file.name))}
        if len(dates) != 1:
            raise UnreadableRelease(str(folder), "its files are not of one date")
        self.date = dates.pop()

    @cached_property
    def scratch(self) -> Scratch:
        """All that is needed of the files."""
        concepts, descriptions, relationships = self.files
        scratch = Scratch()
        scratch.add_concepts((row[0], row[2] == "1") for row in with_header(concepts, "\t", HEADERS["Concept"]))
        scratch.add_terms(
            (row[4], row[6] == FULLY_SPECIFIED_NAME, row[7], row[2] == "1")
            for row in with_header(descriptions, "\t", HEADERS["Description"])
            if row[6] != DEFINITION
        )
        scratch.add_parents(
            (row[4], row[5])
            for row in with_header(relationships, "\t", HEADERS["Relationship"])
            if row[2] == "1" and row[7] == IS_A
        )
        return scratch

    def concepts(self) -> Iterator[ReleasedConcept]:
        """The concepts, inactive ones too: charts speak of them."""
        for code, active in self.scratch.concepts():
            terms = self.scratch.terms(code)
            # The name that is in force, or for a concept without one the last that was.
            names = [text for main, text, in_force in terms if main and in_force]
            names = names or [text for main, text, _ in terms if main]
            if not names:
                raise UnreadableRelease(self.files[1].name, f"concept {code} has no fully specified name")
            synonyms = tuple(text for main, text, in_force in terms if in_force and not main)
            yield ReleasedConcept(code, names[-1], synonyms, self.scratch.parents(code), active=active)


def _only_file(folder: Path, pattern: str) -> Path:
    found = sorted(folder.rglob(pattern))
    if len(found) != 1:
        raise UnreadableRelease(str(folder), f"it holds {len(found)} files {pattern}, not one")
    return found[0]

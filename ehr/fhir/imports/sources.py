"""Files to import: finding them, opening them, and knowing from their first bytes in which order to read them."""

import bz2
import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

PEEK = 16_384
SUFFIXES = (".json", ".ndjson", ".jsonl")
PACKED = (".gz", ".bz2")
_RESOURCE_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')

# What others refer to comes first; a type that is not named comes last.
ORDER = (
    "Organization", "Location", "Practitioner", "PractitionerRole", "Medication", "Device", "Patient",
    "RelatedPerson", "Coverage", "Encounter", "Condition", "AllergyIntolerance", "CareTeam", "Goal", "CarePlan",
    "ServiceRequest", "MedicationRequest", "Procedure",
)  # fmt: skip


FIRST_OF_PATIENTS = ORDER.index("Patient")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read and its place in the order; files of one rank do not need each other. `size` is in bytes."""

    path: Path
    rank: int
    size: int = 0

    @property
    def lines(self) -> bool:
        """True when each line is a resource (NDJSON)."""
        return _plain_suffix(self.path) in (".ndjson", ".jsonl")


class NothingToImport(ValueError):
    """A path does not exist, or holds no file that could be FHIR JSON."""


def find(paths: Sequence[Path]) -> list[SourceFile]:
    """The importable files at these paths, folders included, in the order to read them. Raises NothingToImport."""
    found: list[SourceFile] = []
    for path in paths:
        if not path.exists():
            raise NothingToImport(f"{path} does not exist")
        files = [path] if path.is_file() else sorted(child for child in path.rglob("*") if _is_importable(child))
        if not files:
            raise NothingToImport(f"{path} holds no .json or .ndjson file")
        found.extend(SourceFile(file, _rank(file), file.stat().st_size) for file in files)
    return sorted(found, key=lambda file: (file.rank, -file.size, str(file.path)))


def ready(waiting: Sequence[SourceFile], running: Sequence[SourceFile], places: int) -> list[SourceFile]:
    """Which of the files that wait, in their order, are read next: as many as there are places free.

    A file waits for those of lower rank in its own folder, and for all that are not about patients: what is exported
    together refers to each other, and everything to organizations and practitioners. What has the longest way before
    it, the highest rank, goes first, so that a folder with a file for each type does not end as the only one at work.
    """
    unfinished = [*waiting, *running]
    lowest = min((file.rank for file in unfinished), default=0)
    in_folder: dict[Path, int] = {}
    for file in unfinished:
        folder = file.path.parent
        in_folder[folder] = min(file.rank, in_folder.get(folder, file.rank))
    free = [
        file
        for file in waiting
        if file.rank == lowest or (lowest >= FIRST_OF_PATIENTS and file.rank == in_folder[file.path.parent])
    ]
    return sorted(free, key=lambda file: -file.rank)[: max(0, places - len(running))]


def open_bytes(path: Path) -> IO[bytes]:
    """The file's content, unpacked as its name says."""
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if path.suffix == ".bz2":
        return bz2.open(path, "rb")
    return path.open("rb")


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of an NDJSON file that are not blank, numbered from 1.

    Raises OSError or EOFError when it is cut short.
    """
    with open_bytes(path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, line


def _is_importable(path: Path) -> bool:
    return path.is_file() and _plain_suffix(path) in SUFFIXES


def _plain_suffix(path: Path) -> str:
    return path.with_suffix("").suffix if path.suffix in PACKED else path.suffix


def _rank(path: Path) -> int:
    try:
        with open_bytes(path) as stream:
            start = stream.read(PEEK)
    except (OSError, EOFError):
        return len(ORDER)  # read in its turn, where what is wrong with it is reported
    types = [name.decode() for name in _RESOURCE_TYPE.findall(start)]
    first = next((name for name in types if name != "Bundle"), "")
    return ORDER.index(first) if first in ORDER else len(ORDER)

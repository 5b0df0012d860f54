"""Where the compiled definitions lie, and how they are read."""

from pathlib import Path
from typing import TypeVar

import msgspec

from ehr.fhir.definitions.structures import Definitions

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "build" / "fhir" / "r4.msgpack"

T = TypeVar("T")


class DefinitionsMissing(RuntimeError):
    """The build artefact is not there: run `./run manage compile_definitions`."""


def load() -> Definitions:
    """Reads the artefact. Raises DefinitionsMissing."""
    return read(FILE, Definitions)


def save(compiled: Definitions) -> None:
    """Writes the artefact, whole or not at all."""
    write(FILE, compiled)


def read(file: Path, kind: type[T]) -> T:
    """What `write` put into the file. Raises DefinitionsMissing."""
    if not file.exists():
        raise DefinitionsMissing(f"{file} is missing: run ./run manage compile_definitions")
    return msgspec.msgpack.decode(file.read_bytes(), type=kind)


def write(file: Path, compiled: object) -> None:
    """Writes a file of the build, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_bytes(msgspec.msgpack.encode(compiled))
    partial.replace(file)

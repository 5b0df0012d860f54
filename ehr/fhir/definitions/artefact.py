"""Where the compiled definitions lie, and how they are read."""

from pathlib import Path

import msgspec

from ehr.fhir.definitions.structures import Definitions

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "build" / "fhir" / "r4.msgpack"


class DefinitionsMissing(RuntimeError):
    """The build artefact is not there: run `./run manage compile_definitions`."""


def load() -> Definitions:
    """Reads the artefact. Raises DefinitionsMissing."""
    if not FILE.exists():
        raise DefinitionsMissing(f"{FILE} is missing: run ./run manage compile_definitions")
    return msgspec.msgpack.decode(FILE.read_bytes(), type=Definitions)


def save(compiled: Definitions) -> None:
    """Writes the artefact, whole or not at all."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    partial = FILE.with_suffix(".partial")
    partial.write_bytes(msgspec.msgpack.encode(compiled))
    partial.replace(FILE)

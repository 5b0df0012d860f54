"""Figures: one line each, and all of them in bench.json."""

import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FSYNCS = 200


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value under the name that requirements know it by."""

    name: str
    value: float
    unit: str

    def line(self) -> str:
        """ "name value unit"."""
        return f"{self.name} {self.value:.1f} {self.unit}"


Bench = Callable[["Site"], list[Figure]]


@dataclass(frozen=True, slots=True)
class Site:
    """The running instance that is measured."""

    port: int
    state: Path

    def credentials(self) -> dict[str, object]:
        """What `./run` wrote for whoever signs in."""
        content: dict[str, object] = json.loads((self.state / "credentials.json").read_text())
        return content


def fsync_per_second(folder: Path) -> Figure:
    """How often a second this disk makes 8 kB durable: the ceiling of commits without group commit."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        start = time.perf_counter()
        for _ in range(FSYNCS):
            file.seek(0)
            file.write(b"x" * 8192)
            file.flush()
            os.fsync(file.fileno())
        return Figure("fsync_per_s", FSYNCS / (time.perf_counter() - start), "1/s")

"""Remembers what a step was last done with, so that it is done again only when that changes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def fingerprint(inputs: Iterable[Path], *facts: str) -> str:
    """SHA-256 over the facts, and over the name and content of each file; a folder stands for all files in it."""
    digest = hashlib.sha256()
    for fact in facts:
        digest.update(fact.encode() + b"\0")
    for path in inputs:
        for file in sorted(_files(path)):
            digest.update(str(file).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return [path]
    return (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def is_current(stamp: Path, value: str) -> bool:
    """Whether the step that `stamp` stands for was last finished with `value`."""
    return stamp.exists() and stamp.read_text() == value


def set_stamp(stamp: Path, value: str) -> None:
    """Notes that the step was finished with `value`."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value)

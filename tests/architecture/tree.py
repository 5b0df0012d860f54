"""The files of this checkout that rules are about."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """A Python file: where it is, what it says, and how it parses."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def of(cls, path: str, text: str) -> "Source":
        return cls(path, text, ast.parse(text, path))


@cache
def tracked() -> tuple[str, ...]:
    """Every file that is or will be committed: known to git, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return tuple(sorted(path for path in set(listed.stdout.split("\0")) if path and (ROOT / path).is_file()))


@cache
def sources(*roots: str) -> tuple[Source, ...]:
    """The Python files below these folders, and single files named as such."""
    return tuple(
        Source.of(path, (ROOT / path).read_text())
        for path in tracked()
        if path.endswith(".py") and any(path == root or path.startswith(f"{root}/") for root in roots)
    )


def texts(*suffixes: str) -> list[tuple[str, str]]:
    """Path and content of tracked text files with these endings; every text file when none is given."""
    found = []
    for path in tracked():
        if suffixes and not path.endswith(suffixes):
            continue
        data = (ROOT / path).read_bytes()
        if b"\0" not in data[:8000]:
            found.append((path, data.decode()))
    return found

"""Licences of what the product ships with: nothing under the GPL or AGPL (the LGPL is fine for libraries)."""

from __future__ import annotations

import json
import re
from importlib import metadata
from typing import TYPE_CHECKING

from infra.runner.checkout import ROOT
from infra.runner.progress import step

if TYPE_CHECKING:
    from collections.abc import Iterator

FORBIDDEN = re.compile(r"\b(A?GPL|(Affero )?GNU General Public|GNU Affero)", re.IGNORECASE)
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)


def problems() -> list[str]:
    """One line for each runtime dependency, of Python or npm, whose licence is forbidden or not stated."""
    with step("Licences"):
        stated = [*_python_licences(), *_npm_licences()]
    return [
        f"{name}: {licence or 'states no licence'}" for name, licence in stated if not licence or is_forbidden(licence)
    ]


def is_forbidden(licence: str) -> bool:
    """Whether a licence text, expression or classifier leaves no other choice than the GPL or AGPL."""
    choices = re.split(r"\s+OR\s+", licence)
    return all(FORBIDDEN.search(choice) for choice in choices)


def _python_licences() -> Iterator[tuple[str, str]]:
    for name in LOCKED.findall((ROOT / "requirements.txt").read_text()):
        try:
            about = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # locked for another platform
        classifiers = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
        yield name, _field(about, "License-Expression") or " OR ".join(classifiers) or _field(about, "License")


def _field(about: metadata.PackageMetadata, name: str) -> str:
    """The first line of a field of a package's metadata; some put the whole licence text into one."""
    return about[name].strip().partition("\n")[0] if name in about else ""


def _npm_licences() -> Iterator[tuple[str, str]]:
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for path, package in locked.items():
        if path and not package.get("dev"):
            yield path, package.get("license", "")

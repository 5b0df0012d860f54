"""The starter codes: a readable file of the codes that the product and its demo speak of."""

import tomllib
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from importlib.resources import files
from typing import Any

from ehr.terminology.errors import UnreadableRelease
from ehr.terminology.releases import Release, ReleasedConcept, SystemIdentity

FILE = "starter_codes.toml"
IDENTITY = ("url", "version", "name", "publisher", "copyright")


def starter_releases() -> tuple[Release, ...]:
    """The code systems of the shipped file, each as a fragment."""
    return read_starter(files("ehr.terminology.content").joinpath(FILE).read_text("utf-8"))


def read_starter(text: str) -> tuple[Release, ...]:
    """The releases that a file of starter codes describes.

    A ``[[system]]`` has the members of `IDENTITY` and ``codes``: code to [display, synonym, …]. Raises
    UnreadableRelease.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise UnreadableRelease(FILE, str(fault)) from fault
    return tuple(_release(system) for system in content.get("system", []))


def _release(system: dict[str, Any]) -> Release:
    missing = [name for name in (*IDENTITY, "codes") if name not in system]
    if missing:
        raise UnreadableRelease(FILE, f"a system lacks {', '.join(missing)}")
    identity = SystemIdentity(**{name: system[name] for name in IDENTITY}, content="fragment")
    return Release(identity, sha256(repr(system).encode()).hexdigest(), partial(_concepts, system["codes"]))


def _concepts(codes: dict[str, list[str]]) -> Iterator[ReleasedConcept]:
    for code, (display, *synonyms) in codes.items():
        yield ReleasedConcept(code, display, tuple(synonyms))

"""The starter codes: a readable file of the codes that the product and its demo speak of."""

import tomllib
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from importlib.resources import files
from typing import Any

from ehr.terminology.errors import UnreadableRelease
from ehr.terminology.releases import Release, ReleasedConcept
from ehr.terminology.systems import SYSTEMS

FILE = "starter_codes.toml"


def starter_releases() -> tuple[Release, ...]:
    """The code systems of the shipped file, each as a fragment."""
    return read_starter(files("ehr.terminology.content").joinpath(FILE).read_text("utf-8"))


def read_starter(text: str) -> tuple[Release, ...]:
    """The releases that a file of starter codes describes.

    A ``[[system]]`` has the ``url`` of one of `SYSTEMS` and ``codes``: code to [display, synonym, …].
    Raises UnreadableRelease.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise UnreadableRelease(FILE, str(fault)) from fault
    return tuple(_release(system) for system in content.get("system", []))


def _release(system: dict[str, Any]) -> Release:
    if system.get("url") not in SYSTEMS or "codes" not in system:
        raise UnreadableRelease(FILE, "a system is not one of ours, or has no codes")
    return Release(
        SYSTEMS[system["url"]].in_part(), sha256(repr(system).encode()).hexdigest(), partial(_concepts, system["codes"])
    )


def _concepts(codes: dict[str, list[str]]) -> Iterator[ReleasedConcept]:
    for code, (display, *synonyms) in codes.items():
        yield ReleasedConcept(code, display, tuple(synonyms))

"""Resources on their way in: what a file holds, one unit of work at a time."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import IO, Any

import ijson

from ehr.fhir.imports.sources import SourceFile, open_bytes, read_lines
from ehr.lib import json

CHUNK = 1_000
WHOLE = 64 * 1024 * 1024  # bytes; a larger Bundle is streamed


@dataclass
class Item:
    """One resource as it was read. `content` is None when it is no resource.

    `fault` then says why, `raw` keeps the text.
    """

    place: str
    content: dict[str, Any] | None
    full_url: str = ""
    if_none_exist: str | None = None
    fault: str = ""
    raw: str = ""

    @property
    def type(self) -> str:
        """Its resourceType, "" without one."""
        kind = (self.content or {}).get("resourceType")
        return kind if isinstance(kind, str) else ""

    @property
    def text(self) -> str:
        """The resource as JSON text."""
        return json.encode(self.content).decode() if self.content is not None else self.raw

    @cached_property
    def digest(self) -> bytes:
        """What tells whether the source has changed."""
        return hashlib.sha256(self.text.encode()).digest()


@dataclass(slots=True)
class Unit:
    """What is written in one transaction: a Bundle, or a chunk of a larger file."""

    place: str
    items: list[Item]

    @property
    def digest(self) -> bytes:
        """What tells that this very unit was done before."""
        return hashlib.sha256(b"".join(item.digest for item in self.items)).digest()


def units(file: SourceFile) -> Iterator[Unit]:
    """The units of a file. Raises OSError, EOFError or json.InvalidJSON where it cannot be read on."""
    items = _line_items(file.path) if file.lines else _json_items(file.path)
    number = 0
    while chunk := list(islice(items, CHUNK if file.lines else None)):
        number += 1
        yield from _units_of(chunk, file.path, number)


def _units_of(chunk: list[Item], path: Path, number: int) -> Iterator[Unit]:
    for start in range(0, len(chunk), CHUNK * 5):
        yield Unit(f"{path.name} #{number}", chunk[start : start + CHUNK * 5])


def _line_items(path: Path) -> Iterator[Item]:
    for number, line in read_lines(path):
        place = f"{path.name} line {number}"
        try:
            yield Item(place, json.decode(line))
        except json.InvalidJSON as fault:
            yield Item(place, None, fault=f"not a JSON object: {fault}", raw=line.decode(errors="replace").strip())


def _json_items(path: Path) -> Iterator[Item]:
    with open_bytes(path) as stream:
        data = stream.read(WHOLE + 1)
    if len(data) > WHOLE:
        yield from _streamed_items(path)
        return
    content = json.decode(data)
    if content.get("resourceType") != "Bundle":
        yield Item(path.name, content)
        return
    for number, entry in enumerate(_entries(content)):
        yield _entry_item(entry, f"{path.name} entry {number}")


def _entries(bundle: dict[str, Any]) -> list[Any]:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise json.InvalidJSON("Bundle.entry is not an array")
    return entries


def _streamed_items(path: Path) -> Iterator[Item]:
    with open_bytes(path) as stream:
        yield from _parsed(stream, path)


def _parsed(stream: IO[bytes], path: Path) -> Iterator[Item]:
    try:
        for number, entry in enumerate(ijson.items(stream, "entry.item")):
            yield _entry_item(entry, f"{path.name} entry {number}")
    except ijson.JSONError as fault:
        raise json.InvalidJSON(str(fault)) from fault


def _entry_item(entry: Any, place: str) -> Item:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict):
        return Item(place, None, fault="the entry holds no resource", raw=json.encode(entry).decode())
    request = entry.get("request")
    condition = request.get("ifNoneExist") if isinstance(request, dict) else None
    full_url = entry.get("fullUrl")
    return Item(
        place,
        resource,
        full_url if isinstance(full_url, str) else "",
        condition if isinstance(condition, str) else None,
    )

"""Resources on their way in: what a file holds, one unit of work at a time."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import ijson

from ehr.fhir.imports.sources import SourceFile, open_bytes, read_lines
from ehr.lib import json

CHUNK = 1_000
CHUNK_BYTES = 2 * 1024 * 1024  # as JSON; in memory several times that
LARGEST_BUNDLE = 5 * CHUNK  # entries that are written together
WHOLE = 32 * 1024 * 1024  # bytes; a larger Bundle is streamed


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
    size: int = 0  # bytes, where items are streamed

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
    chunks = _chunks(items, CHUNK if file.lines else LARGEST_BUNDLE)
    for number, chunk in enumerate(chunks, start=1):
        yield Unit(f"{file.path.name} #{number}", chunk)


def _chunks(items: Iterator[Item], most: int) -> Iterator[list[Item]]:
    """The items in their order, at most so many at a time, and fewer where they are large."""
    chunk: list[Item] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += item.size
        if len(chunk) == most or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _line_items(path: Path) -> Iterator[Item]:
    for number, line in read_lines(path):
        place = f"{path.name} line {number}"
        try:
            yield Item(place, json.decode(line), size=len(line))
        except json.InvalidJSON as fault:
            yield Item(
                place,
                None,
                fault=f"not a JSON object: {fault}",
                raw=line.decode(errors="replace").strip(),
                size=len(line),
            )


def _json_items(path: Path) -> Iterator[Item]:
    with open_bytes(path) as stream:
        data = stream.read(WHOLE + 1)
    if len(data) > WHOLE:
        del data
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
    item = None
    with open_bytes(path) as stream:
        for item in _parsed(stream, path):
            item.size = len(item.text)
            yield item
    if item is None:
        raise json.InvalidJSON(f"a resource of more than {WHOLE // 1024 // 1024} MiB that is no Bundle with entries")


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

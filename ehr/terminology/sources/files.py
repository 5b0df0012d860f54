"""Reading a publisher's files: bytes to lines, strictly."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from ehr.terminology.errors import UnreadableRelease


def digest_of(*paths: Path) -> str:
    """SHA-256 over the files' contents, in their order. Raises UnreadableRelease when one cannot be opened."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as fault:
            raise UnreadableRelease(str(path), fault.strerror or str(fault)) from fault
    return digest.hexdigest()


def lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 file without their ends, a byte order mark left out.

    Raises UnreadableRelease for other encodings, and when the last line has no end: the file was cut off.
    """
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if not raw.endswith(b"\n"):
                raise UnreadableRelease(f"{path.name}, line {number}", "the file ends in the middle of a line")
            try:
                yield raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError as fault:
                raise UnreadableRelease(f"{path.name}, line {number}", "it is not UTF-8") from fault


def delimited(path: Path, separator: str, width: int) -> Iterator[list[str]]:
    """The fields of each line. Raises UnreadableRelease for a line with more or fewer than `width`."""
    for number, line in enumerate(lines(path), 1):
        fields = line.split(separator)
        if len(fields) != width:
            raise UnreadableRelease(f"{path.name}, line {number}", f"it has {len(fields)} fields, not {width}")
        yield fields


def with_header(path: Path, separator: str, header: Sequence[str]) -> Iterator[list[str]]:
    """The fields of each line after the first, which must be `header`."""
    rows = delimited(path, separator, len(header))
    if next(rows, None) != list(header):
        raise UnreadableRelease(f"{path.name}, line 1", f"the header is not {' '.join(header)}")
    yield from rows

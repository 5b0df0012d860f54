"""An import holds a few megabytes of what it reads, however large the file."""

import bz2
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import IO, cast

import pytest

from ehr.fhir.imports.items import WHOLE, units
from ehr.fhir.imports.sources import SourceFile
from ehr.lib.json import InvalidJSON
from tests.plumbing.environment import ROOT

RESOURCES = 400
TEXT = "All well. " * 20_000  # of each resource, so that few of them make a large file: 76 MiB
ALLOWED = 45  # MiB above an import of one resource

# Between test and import, so that the test's own memory, which a fork inherits for a moment, does not count.
MEASURE = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=sys.stderr).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def observation(number: int) -> bytes:
    resource = {
        "resourceType": "Observation",
        "id": f"large-{number}",
        "status": "final",
        "code": {"text": "note"},
        "note": [{"text": f"{number}: {TEXT}"}],
    }
    return json.dumps(resource).encode()


def lines(stream: IO[bytes]) -> None:
    for number in range(RESOURCES):
        stream.write(observation(number) + b"\n")


def bundle(stream: IO[bytes]) -> None:
    stream.write(b'{"resourceType":"Bundle","type":"collection","entry":[')
    for number in range(RESOURCES):
        separator = b"," if number else b""
        stream.write(separator + b'{"fullUrl":"urn:x:%d","resource":' % number + observation(number) + b"}")
    stream.write(b"]}")


def peak(environment: dict[str, str], *arguments: str) -> int:
    """MiB that the largest process of an import came to hold; it has to end well."""
    command = [sys.executable, "-c", MEASURE, sys.executable, "manage.py", "import_fhir", "--jobs", "1", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    status, kibibytes = done.stdout.split()
    assert status == "0", done.stderr[-4000:]
    return int(kibibytes) // 1024


def test_large_files_are_imported_in_little_memory(committed: dict[str, str], tmp_path: Path) -> None:
    one, packed_lines, packed_bundle = (tmp_path / name for name in ("one.json", "large.ndjson.gz", "large.json.bz2"))
    one.write_bytes(observation(RESOURCES))
    with gzip.open(packed_lines, "wb", compresslevel=1) as stream:
        lines(cast("IO[bytes]", stream))
    with bz2.open(packed_bundle, "wb", compresslevel=1) as stream:
        bundle(stream)
    least = peak(committed, str(one))
    most = {path.name: peak(committed, "--source", path.name, str(path)) for path in (packed_lines, packed_bundle)}
    assert {name: mebibytes for name, mebibytes in most.items() if mebibytes > least + ALLOWED} == {}, (least, most)


def test_a_large_resource_that_is_no_bundle_is_told_and_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(b'{"resourceType":"Binary","contentType":"text/plain","data":"' + b"QUJD" * (WHOLE // 4) + b'"}')
    with pytest.raises(InvalidJSON, match="that is no Bundle with entries"):
        list(units(SourceFile(path, 0)))

"""The real resources that lie beside the checkout, where a machine has them."""

import bz2
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ehr.lib.json import decode

INPUTS = Path(__file__).resolve().parents[3] / "shared" / "inputs"
SYNTHEA = INPUTS / "synthea"
US_CORE_EXAMPLES = INPUTS / "terminology" / "us-core-examples" / "examples"
OPENERS = {".bz2": bz2.decompress, ".gz": gzip.decompress}

needs_synthea = pytest.mark.skipif(not SYNTHEA.is_dir(), reason=f"the shared inputs are not at {SYNTHEA}")
needs_us_core_examples = pytest.mark.skipif(
    not US_CORE_EXAMPLES.is_dir(), reason=f"the shared inputs are not at {US_CORE_EXAMPLES}"
)


def synthea(folder: str = "*", files: int | None = None) -> Iterator[dict[str, Any]]:
    """Every resource of the Synthea sets, those of Bundles one by one; the first `files` files of `folder` when asked."""
    for path in sorted(SYNTHEA.glob(f"{folder}/*"))[:files]:
        raw = OPENERS[path.suffix](path.read_bytes())
        if ".ndjson" in path.suffixes:
            yield from map(decode, raw.splitlines())
        else:
            yield from (entry["resource"] for entry in decode(raw)["entry"])


def us_core_examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """File name and resource of each US Core example."""
    for path in sorted(US_CORE_EXAMPLES.glob("*.json")):
        yield path.name, decode(path.read_bytes())

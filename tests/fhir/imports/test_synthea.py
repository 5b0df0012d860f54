"""The 112 shared Synthea patients come in and go out whole, compared as trees by number literal."""

import bz2
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ehr.fhir.models import ImportedResource, Resource
from ehr.lib import json

ROOT = Path(__file__).resolve().parents[3]
SYNTHEA = ROOT.parent / "shared" / "inputs" / "synthea"

pytestmark = [
    pytest.mark.usefixtures("committed"),
    pytest.mark.skipif(not SYNTHEA.is_dir(), reason="the shared inputs are not beside this checkout"),
]


def sources() -> Iterator[dict[str, Any]]:
    for folder in ("v2.7-uscore", "v2.4-plain", "hiv-2021"):
        for file in sorted((SYNTHEA / folder).glob("*.bz2")):
            for entry in json.decode(bz2.decompress(file.read_bytes()))["entry"]:
                yield entry["resource"]


def difference(sent: Any, kept: Any, path: str = "") -> str | None:
    """Where two trees differ; numbers by literal, references by what they must have become."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        if sent.keys() != kept.keys():
            return f"{path}: {sorted(sent.keys() ^ kept.keys())}"
        pairs = [(f"{path}.{name}", sent[name], kept[name]) for name in sent]
    elif isinstance(sent, list) and isinstance(kept, list):
        if len(sent) != len(kept):
            return f"{path}: {len(sent)} and {len(kept)} members"
        pairs = [(f"{path}[{n}]", one, other) for n, (one, other) in enumerate(zip(sent, kept, strict=True))]
    elif path.endswith(".reference"):
        return None if _leads_there(str(sent), str(kept)) else f"{path}: {sent} became {kept}"
    else:
        same = type(sent) is type(kept) and str(sent) == str(kept)
        return None if same else f"{path}: {sent!r} became {kept!r}"
    return next((found for where, one, other in pairs if (found := difference(one, other, where))), None)


@functools.cache
def _leads_there(sent: str, kept: str) -> bool:
    if sent.startswith("urn:uuid:"):
        return kept.partition("/")[2] == sent.removeprefix("urn:uuid:")
    if "?identifier=" in sent:
        type_, _, token = sent.partition("?identifier=")
        system, _, value = token.partition("|")
        content = json.decode((Resource.objects.get(type=type_, id=kept.partition("/")[2]).content or "").encode())
        return {"system": system, "value": value} in [
            {"system": one.get("system"), "value": one.get("value")} for one in content["identifier"]
        ]
    return sent == kept


def test_all_shared_patients_come_back_whole(committed: dict[str, str]) -> None:
    argv = [sys.executable, str(ROOT / "manage.py"), "import_fhir", "--json", str(SYNTHEA)]
    done = subprocess.run(argv, env=committed, cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.decode(done.stdout.encode())
    assert (report["refused"], report["types"]["Patient"]["stored"]) == (0, 125)

    kept = {(row.type, row.id): row.content for row in Resource.objects.iterator(5000)}
    latest = {(resource["resourceType"], resource["id"]): resource for resource in sources()}
    versions = dict(Resource.objects.values_list("id", "version_id"))
    patients, differences = 0, []
    for (type_, id_), sent in latest.items():
        if versions[id_] > 1:
            continue  # several files hold it differently: the last one read is the current version
        stored = json.decode((kept[type_, id_] or "").encode())
        stored["meta"] = {k: v for k, v in stored["meta"].items() if k not in ("versionId", "lastUpdated")}
        if not stored["meta"] and "meta" not in sent:
            del stored["meta"]
        patients += type_ == "Patient"
        found = difference(sent, stored)
        if found:
            differences.append(f"{type_}/{id_}{found}")
    assert (patients, differences[:5]) == (112, [])
    assert ImportedResource.objects.count() == len(kept)

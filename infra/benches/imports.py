"""The import figure: the shared Synthea set, validated, indexed, versioned and audited."""

import json
import time

from infra.benches.figures import Figure, Site, fsync_per_second
from infra.benches.instance import ROOT, manage

SYNTHEA = ROOT.parent / "shared" / "inputs" / "synthea"


class InputsMissing(RuntimeError):
    """The real inputs are not beside this checkout."""


def imports(site: Site) -> list[Figure]:
    """`import_resources_per_s`, into the first tenant. Raises InputsMissing."""
    if not SYNTHEA.is_dir():
        raise InputsMissing(f"{SYNTHEA} is not there")
    start = time.perf_counter()
    report = json.loads(manage("import_fhir", str(SYNTHEA), "--source", "synthea", "--json"))
    seconds = time.perf_counter() - start
    return [
        fsync_per_second(site.state),
        Figure("import_resources", report["stored"], "resources"),
        Figure("import_seconds", seconds, "s"),
        Figure("import_resources_per_s", report["stored"] / seconds, "1/s"),
    ]

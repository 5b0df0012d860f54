"""`python -m infra.benches [GROUP…]`: measures the instance whose environment it is started in.

`./run bench` does that.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from infra.benches.chart import chart
from infra.benches.fhir import fhir
from infra.benches.figures import Bench, Site
from infra.benches.imports import imports

GROUPS: dict[str, Bench] = {"fhir": fhir, "import": imports, "chart": chart}


def main() -> int:
    """Prints `name value unit` lines and writes them as JSON."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--output", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    unknown = [group for group in options.groups if group not in GROUPS]
    if unknown:
        parser.error(f"no such group: {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    site = Site(port=int(os.environ["PORT"]), state=Path(os.environ["EHR_STATE_DIR"]))
    measured = {}
    for group in options.groups or GROUPS:
        for figure in GROUPS[group](site):
            print(figure.line(), flush=True)
            measured[figure.name] = {"value": figure.value, "unit": figure.unit}
    options.output.write_text(json.dumps(measured, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The audit figure: how fast the trail is verified."""

import json

from infra.benches.figures import Figure, Site
from infra.benches.instance import manage


def audit(site: Site) -> list[Figure]:  # noqa: ARG001 - the shape of a bench
    """`audit_verify_events_per_s`, over the trail that the other benches have left."""
    report = json.loads(manage("audit_verify", "--json"))
    return [
        Figure("audit_verify_events", report["events"], "events"),
        Figure("audit_verify_events_per_s", report["events_per_s"], "1/s"),
    ]

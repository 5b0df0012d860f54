"""Projections never fail, whatever a resource says or leaves out, and fill every column of their table."""

import bz2
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ehr.fhir.registry import Owner, owners
from ehr.lib import json
from infra.demo_hospital import general
from infra.demo_hospital.chart import chart_resources
from infra.demo_hospital.facility import facility_resources
from infra.demo_hospital.site import Site

INPUTS = Path(__file__).parents[3] / "shared" / "inputs"
JUNK: tuple[Any, ...] = (
    None,
    "",
    "x" * 5000,
    0,
    -1,
    10**30,
    True,
    [],
    {},
    [None],
    [{}],
    ["x"],
    [[{}]],
    {"x": {"x": []}},
)

Resource = dict[str, Any]


def columns(owner: Owner) -> set[str]:
    return {field.attname for field in owner.model._meta.concrete_fields} - {"resource_id"}


def demo_resources() -> Iterator[Resource]:
    site = Site("general", datetime(2026, 11, 22, 8, 42, tzinfo=UTC))
    yield from facility_resources(site, general.FACILITY)
    for story in general.STORIES:
        yield from chart_resources(site, general.FACILITY, story)


def largest(type_: str) -> Resource:
    return max((one for one in demo_resources() if one["resourceType"] == type_), key=lambda one: len(str(one)))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (holder, key) in a tree of dicts and lists."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in list(children):
        yield value, key
        if isinstance(child, dict | list):
            yield from places(child)


@pytest.mark.parametrize("type_", sorted(owners))
def test_any_element_may_hold_anything(type_: str) -> None:
    owner, resource = owners[type_], largest(type_)
    for holder, key in places(resource):
        before = holder[key]
        for junk in JUNK:
            holder[key] = junk
            assert set(owner.project(resource, {})) == columns(owner)
        holder[key] = before


@pytest.mark.skipif(not INPUTS.is_dir(), reason=f"the shared inputs are not at {INPUTS}")
def test_every_shared_resource_of_an_owned_type_is_projected() -> None:
    seen = dict.fromkeys(owners, 0)
    for resource in shared_resources():
        owner = owners.get(resource["resourceType"])
        if owner:
            seen[owner.type] += 1
            assert set(owner.project(resource, {})) == columns(owner)
    assert all(seen.values()), seen


def shared_resources() -> Iterator[Resource]:
    """The US Core examples, the bulk export, and three whole Synthea patients."""
    for path in sorted((INPUTS / "terminology/us-core-examples/examples").glob("*.json")):
        yield from unpacked(json.decode(path.read_bytes()))
    for path in sorted((INPUTS / "synthea/bulk-ndjson-2025-partial").glob("*.gz")):
        with gzip.open(path) as lines:
            yield from map(json.decode, lines)
    for path in sorted((INPUTS / "synthea/v2.7-uscore").glob("*.bz2"))[:3]:
        yield from unpacked(json.decode(bz2.decompress(path.read_bytes())))


def unpacked(resource: Resource) -> Iterator[Resource]:
    if resource["resourceType"] == "Bundle":
        yield from (entry["resource"] for entry in resource.get("entry", ()) if "resource" in entry)
    else:
        yield resource

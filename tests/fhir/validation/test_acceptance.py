"""The quick yes of validation agrees with the walk that names faults: it never says yes to what the walk refuses."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ehr.fhir.validation.acceptance import accepts
from ehr.fhir.validation.walk import Walk
from tests.fhir.inputs import needs_us_core_examples, us_core_examples
from tests.fhir.validation.test_faults import VALID

PER_TYPE = 1
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, Decimal("1.5"), "", " ", "x", "a b", "#x", "Patient/1", "Patent/1", "2026-02-30",
    "2026-11-22T08:42:00Z", "x\x00", [], {}, [None], [{}], ["x"], {"x": 1}, {"extension": []}, {"reference": "#none"},
)  # fmt: skip


def errors(resource: Any) -> list[str]:
    walk = Walk(warnings=False)
    walk.resource(resource, None)
    return [f"{fault.expression}: {fault.diagnostics}" for fault in walk.faults]


def altered(node: Any) -> Iterator[Any]:
    """The tree with one value replaced by something odd, left out, or given a further member."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield {other: content for other, content in node.items() if other != name}
            yield from ({**node, name: odd} for odd in ODD)
            yield from ({**node, name: inner} for inner in altered(value))
        for name in ("id", "_id", "extension", "reference", "valueString", "contained", "resourceType", "unknown"):
            yield from ({**node, name: odd} for odd in ("x", [{"url": "http://e.org/x", "valueCode": "y"}], "#x"))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield [*node[:position], *node[position + 1 :]]
            yield [*node, value]
            yield from ([*node[:position], odd, *node[position + 1 :]] for odd in ODD)
            yield from ([*node[:position], inner, *node[position + 1 :]] for inner in altered(value))


@pytest.mark.parametrize("kind", VALID)
def test_a_valid_resource_is_accepted_the_quick_way(kind: str) -> None:
    assert accepts(VALID[kind])


@pytest.mark.parametrize("kind", VALID)
def test_nothing_that_the_walk_refuses_is_accepted(kind: str) -> None:
    accepted = [resource for resource in altered(VALID[kind]) if accepts(resource)]
    assert accepted
    assert [errors(resource) for resource in accepted if errors(resource)] == []


@needs_us_core_examples
def test_nothing_that_the_walk_refuses_of_altered_examples_is_accepted() -> None:
    seen: dict[str, int] = {}
    for _, example in us_core_examples():
        kind = example["resourceType"]
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] > PER_TYPE or kind == "Bundle":
            continue
        short = {name: value for name, value in example.items() if name != "text"}
        for resource in altered(short):
            assert not (accepts(resource) and errors(resource)), errors(resource)
    assert seen


def test_a_repeated_primitive_with_an_extension_is_left_to_the_walk() -> None:
    patient = {**VALID["Patient"], "_birthDate": {"extension": [{"url": "http://e.org/x", "valueCode": "y"}]}}
    assert (accepts(patient), errors(patient)) == (False, [])

"""Whatever JSON arrives, validation answers with faults, soon, and never with an exception."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ehr.fhir.validation import validate
from ehr.fhir.validation.walk import MAX_DEPTH
from tests.fhir.validation.test_faults import VALID

DEEP = 10_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(max_size=8) | st.just("#x"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["extension", "url", "valueString", "id", "x"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def nested(step: str, innermost: Any, *, in_array: bool) -> Any:
    value = innermost
    for _ in range(DEEP):
        value = {step: [value] if in_array else value}
    return value


@pytest.mark.parametrize(
    "name", ["birthDate", "_birthDate", "name", "contact", "unknown", "contained", "maritalStatus"]
)
@pytest.mark.parametrize("many", [True, False])
def test_ten_thousand_levels_are_refused_without_a_recursion_error(name: str, many: bool) -> None:  # noqa: FBT001 - a parameter
    value = nested("extension", {"url": "x"}, in_array=True)
    faults = validate({"resourceType": "Patient", name: [value] if many else value})
    assert faults
    assert {fault.severity for fault in faults} == {"error"}


def test_nesting_is_refused_at_its_limit_and_allowed_up_to_it() -> None:
    def questionnaire(levels: int) -> dict[str, Any]:
        item: dict[str, Any] = {"linkId": str(levels), "type": "display"}
        for level in range(levels - 1, 0, -1):
            item = {"linkId": str(level), "type": "group", "item": [item]}
        return {"resourceType": "Questionnaire", "status": "draft", "item": [item]}

    assert validate(questionnaire(MAX_DEPTH - 1)) == []
    assert [fault.code for fault in validate(questionnaire(MAX_DEPTH))] == ["too-long"]


def test_contained_resources_that_contain_each_other_endlessly_are_refused() -> None:
    resource: dict[str, Any] = {"resourceType": "Patient", "id": "x"}
    for _ in range(DEEP):
        resource = {"resourceType": "Patient", "id": "x", "contained": [resource]}
    assert "too-long" in {fault.code for fault in validate(resource)}


@pytest.mark.parametrize(
    "value",
    ["AAAA  " * 5000 + "!", "A" * 200_001, " " * 200_000 + "!", "=" * 200_000],
    ids=["gaps", "odd", "blank", "padding"],
)
def test_base64_that_is_none_is_refused_in_linear_time(value: str) -> None:
    before = time.process_time()
    faults = validate({"resourceType": "Binary", "contentType": "text/plain", "data": value})
    assert [(fault.code, fault.expression) for fault in faults] == [("value", "Binary.data")]
    assert time.process_time() - before < 2


def places(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every value within a resource."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for step, one in inner for way in [(*here, step), *places(one, (*here, step))]]


def replaced(value: Any, way: tuple[str | int, ...], by: Any) -> Any:
    if not way:
        return by
    if isinstance(value, dict):
        return {name: replaced(one, way[1:], by) if name == way[0] else one for name, one in value.items()}
    return [replaced(one, way[1:], by) if position == way[0] else one for position, one in enumerate(value)]


CLAIM = {"meta": {"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]}}
CHANGES = [(kind, way) for kind, resource in VALID.items() for way in places(resource | CLAIM)]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(change=st.sampled_from(CHANGES), value=JSON, warnings=st.booleans())
def test_any_value_in_any_place_gives_an_answer(
    *, change: tuple[str, tuple[str | int, ...]], value: Any, warnings: bool
) -> None:
    kind, way = change
    faults = validate(replaced(VALID[kind] | CLAIM, way, value), warnings=warnings)
    assert all(fault.expression and fault.diagnostics and fault.code for fault in faults)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.dictionaries(st.sampled_from(["extension", "contained", "meta", "text", "id", "_id", "", "_"]), JSON))
def test_any_members_of_a_resource_give_an_answer(members: dict[str, Any]) -> None:
    assert isinstance(validate({"resourceType": "Patient"} | members, warnings=True), list)

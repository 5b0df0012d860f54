"""Parts of resources, as `_summary` and `_elements` ask for them (FHIR R4 search.html#summary, #elements)."""

from collections.abc import Collection
from functools import cache
from typing import Any

from ehr.fhir.definitions import element_by_json_name, type_definition
from ehr.fhir.search.query import Summary
from ehr.lib import json

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
ALWAYS = frozenset({"resourceType", "id", "meta"})


def subset(content: str, *, summary: Summary = "false", elements: Collection[str] = ()) -> str:
    """The resource's JSON with what was asked for and what is mandatory, tagged SUBSETTED.

    `elements` go before `summary`. Nothing asked for gives `content` as it is.
    """
    if not elements and summary in ("false", "count"):
        return content
    resource = json.decode(content.encode())
    type_ = resource["resourceType"]
    if elements:
        kept = _only(resource, _mandatory(type_).union(elements))
    elif summary == "text":
        kept = _only(resource, _mandatory(type_) | {"text"})
    elif summary == "data":
        kept = {name: value for name, value in resource.items() if name != "text"}
    else:
        kept = _summarised(type_, resource)
    meta = resource.get("meta", {})
    kept["meta"] = {**meta, "tag": [*meta.get("tag", []), SUBSETTED]}
    return json.encode({"resourceType": type_, **kept}).decode()


def _only(resource: dict[str, Any], wanted: Collection[str]) -> dict[str, Any]:
    """The elements called so; `value` stands for `valueQuantity`, and what extends a primitive goes with it."""
    names = element_by_json_name(resource["resourceType"])
    return {
        name: value
        for name, value in resource.items()
        if name in ALWAYS or name.removeprefix("_") in wanted or _choice(names, name.removeprefix("_")) in wanted
    }


def _choice(names: dict[str, Any], name: str) -> str | None:
    known = names.get(name)
    return known[0].name if known else None


@cache
def _mandatory(type_: str) -> frozenset[str]:
    definition = type_definition(type_)
    return frozenset(element.name for element in definition.elements if element.minimum) if definition else frozenset()


def _summarised(type_: str, node: dict[str, Any]) -> dict[str, Any]:
    names = element_by_json_name(type_)
    kept: dict[str, Any] = {}
    for name, value in node.items():
        known = names.get(name.removeprefix("_"))
        if name == "resourceType" or (known and known[0].summary):
            kept[name] = value if known is None else _summarised_value(known[1], value)
    return kept


def _summarised_value(type_: str, value: Any) -> Any:
    """Datatypes stay whole; a backbone element keeps what is marked in it."""
    definition = type_definition(type_)
    if definition is None or definition.kind != "backbone":
        return value
    if isinstance(value, list):
        return [_summarised(type_, one) for one in value]
    return _summarised(type_, value)

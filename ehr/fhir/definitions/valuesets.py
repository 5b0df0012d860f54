"""Expands the value sets of required bindings from HL7's own code systems."""

from collections.abc import Iterable, Iterator
from typing import Any

from ehr.fhir.definitions.structures import ValueSet

Codes = dict[str, set[str]]


class NotEnumerable(Exception):
    """The value set draws on a code system without a list here (languages, MIME types), or on an unknown filter."""


class Terminology:
    """The code systems and value sets of a set of resources."""

    def __init__(self, resources: Iterable[dict[str, Any]]) -> None:
        self._systems: dict[str, dict[str, Any]] = {}
        self._sets: dict[str, dict[str, Any]] = {}
        for resource in resources:
            if resource["resourceType"] == "CodeSystem":
                self._systems.setdefault(resource["url"], resource)
            elif resource["resourceType"] == "ValueSet":
                self._sets.setdefault(resource["url"], resource)

    def expand(self, url: str) -> ValueSet:
        """Every code of the value set; `complete` is False when they cannot all be listed."""
        try:
            codes = self._codes(url)
        except NotEnumerable:
            return ValueSet(url, {}, complete=False)
        return ValueSet(url, {system: frozenset(members) for system, members in codes.items()}, complete=True)

    def _codes(self, url: str) -> Codes:
        value_set = self._sets.get(url.partition("|")[0])
        if value_set is None or "compose" not in value_set:
            raise NotEnumerable(url)
        codes: Codes = {}
        for include in value_set["compose"]["include"]:
            for system, members in self._included(include).items():
                codes.setdefault(system, set()).update(members)
        for exclude in value_set["compose"].get("exclude", []):
            for system, members in self._included(exclude).items():
                codes.get(system, set()).difference_update(members)
        return codes

    def _included(self, include: dict[str, Any]) -> Codes:
        parts = [self._codes(url) for url in include.get("valueSet", [])]
        if "system" in include:
            parts.append({include["system"]: self._of_system(include)})
        common = parts[0]
        for part in parts[1:]:
            common = {system: common[system] & part[system] for system in common.keys() & part.keys()}
        return common

    def _of_system(self, include: dict[str, Any]) -> set[str]:
        if "concept" in include:
            return {concept["code"] for concept in include["concept"]}
        system = self._systems.get(include["system"])
        if system is None or system.get("content") not in ("complete", "example"):
            raise NotEnumerable(include["system"])
        members = {concept["code"] for concept in _walk(system.get("concept", []))}
        for condition in include.get("filter", []):
            members &= _filtered(system, condition)
        return members


def _walk(concepts: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for concept in concepts:
        yield concept
        yield from _walk(concept.get("concept", []))


def _filtered(system: dict[str, Any], condition: dict[str, Any]) -> set[str]:
    if condition["op"] not in ("is-a", "descendent-of"):
        raise NotEnumerable(f"{system['url']} {condition['op']}")
    found = {condition["value"]}
    while True:
        below = {c["code"] for c in _walk(system.get("concept", [])) if _parents(system, c) & found} - found
        if not below:
            break
        found |= below
    return found - {condition["value"]} if condition["op"] == "descendent-of" else found


def _parents(system: dict[str, Any], concept: dict[str, Any]) -> set[str]:
    stated = {p["valueCode"] for p in concept.get("property", []) if p["code"] == "subsumedBy" and "valueCode" in p}
    nested = {
        c["code"] for c in _walk(system.get("concept", [])) if any(child is concept for child in c.get("concept", []))
    }
    return stated | nested

"""Patches as functions of a resource's content: JSON Patch, JSON Merge Patch and FHIRPath Patch.

RFC 6902; RFC 7396, which some clients send; FHIR R4 fhirpatch.html.
"""

from collections.abc import Callable
from typing import Any

import jsonpatch

from ehr.fhir.errors import BadRequest, InvalidResource, Issue
from ehr.fhir.fhirpath.patch import MalformedPatch, PatchDoesNotFit, read_operations

DEEPEST_MERGE = 100  # levels, more than a resource may have

Patch = Callable[[dict[str, Any]], dict[str, Any]]
"""Gives the content after the patch, and may change what it is given. Raises InvalidResource where it does not fit."""


def json_patch(operations: Any) -> Patch:
    """A JSON Patch. Raises BadRequest, also when it is applied, for what is none."""
    if not isinstance(operations, list) or not all(isinstance(operation, dict) for operation in operations):
        raise BadRequest(Issue("structure", "A JSON Patch is an array of operations (RFC 6902)."))
    return lambda content: _same_resource(content, lambda: _apply_json(content, operations))


def merge_patch(changes: Any) -> Patch:
    """A JSON Merge Patch. Raises BadRequest for what is none."""
    if not isinstance(changes, dict):
        raise BadRequest(Issue("structure", "A JSON Merge Patch of a resource is an object (RFC 7396)."))
    return lambda content: _same_resource(content, lambda: _merged(content, changes, 0))


def fhirpath_patch(parameters: dict[str, Any], expression: str = "Parameters") -> Patch:
    """A FHIRPath Patch, which `expression` names in issues. Raises BadRequest for what is none."""
    try:
        operations = read_operations(parameters)
    except MalformedPatch as fault:
        raise BadRequest(Issue(fault.code, str(fault), _within(expression, fault.place))) from fault

    def apply(content: dict[str, Any]) -> dict[str, Any]:
        for operation in operations:
            try:
                operation.apply(content)
            except MalformedPatch as fault:
                raise BadRequest(Issue(fault.code, str(fault), _within(expression, operation.place))) from fault
            except PatchDoesNotFit as fault:
                raise InvalidResource(Issue("processing", str(fault), _within(expression, operation.place))) from fault
        return content

    return lambda content: _same_resource(content, lambda: apply(content))


def _within(expression: str, place: str) -> str:
    return f"{expression}.{place}" if place else expression


def _apply_json(content: dict[str, Any], operations: list[dict[str, Any]]) -> Any:
    try:
        return jsonpatch.JsonPatch(operations).apply(content)
    except (jsonpatch.InvalidJsonPatch, TypeError, KeyError) as fault:
        raise BadRequest(Issue("structure", "The body is not a JSON Patch (RFC 6902).")) from fault
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as fault:
        # the fault's own text quotes the record, which whoever may only write must not read
        raise InvalidResource(
            Issue("processing", "A path or test of the patch does not fit the current version.")
        ) from fault


def _merged(content: Any, changes: dict[str, Any], depth: int) -> dict[str, Any]:
    if depth > DEEPEST_MERGE:
        raise InvalidResource(Issue("structure", f"The patch is nested deeper than {DEEPEST_MERGE} levels."))
    merged = dict(content) if isinstance(content, dict) else {}
    for name, change in changes.items():
        if change is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), change, depth + 1) if isinstance(change, dict) else change
    return merged


def _same_resource(content: dict[str, Any], change: Callable[[], Any]) -> dict[str, Any]:
    before = content["resourceType"], content["id"]
    patched = change()
    if not isinstance(patched, dict) or (patched.get("resourceType"), patched.get("id")) != before:
        raise InvalidResource(Issue("business-rule", "A patch cannot change the type or id of a resource."))
    return patched

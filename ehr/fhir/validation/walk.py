"""Walks a resource along the plans of its types and collects what is wrong."""

from collections.abc import Container, Mapping
from typing import Any

from ehr.fhir.definitions import resource_types
from ehr.fhir.fhirpath import Scope, navigation
from ehr.fhir.fhirpath.values import Node
from ehr.fhir.validation.issues import Fault, Place, render
from ehr.fhir.validation.plans import Member, Plan, Rule, plan
from ehr.fhir.validation.references import local_fault, reference_fault, unreferenced

MAX_DEPTH = 64
MAX_FAULTS = 100
CODED = ("Coding", "CodeableConcept")
MALFORMED = ("structure", "value", "too-long")


class Walk:
    """One validation. `warnings` asks for best-practice rules too."""

    def __init__(self, *, warnings: bool) -> None:
        self.faults: list[Fault] = []
        self._warnings = warnings
        self._depth = 0
        self._malformed = 0  # rules about a value are meaningless when it, or something in it, has not even its shape

    def resource(self, content: Any, place: Place, container: Node | None = None) -> None:
        """Checks a resource; `container` is the resource it is contained in."""
        kind = content.get("resourceType") if isinstance(content, dict) else None
        if not isinstance(kind, str):
            self._add("structure", "A resource is an object with a resourceType.", place or (None, "resourceType"))
            return
        if kind not in resource_types():
            self._add("not-supported", f"{kind!r} is not a resource type of FHIR R4.", (place, "resourceType"))
            return
        node = navigation.root(content)
        scope = Scope(node, container or node)
        self._object(content, plan(kind), place or (None, kind), scope)

    def _object(self, value: Any, its: Plan, place: Place, scope: Scope) -> None:
        if not isinstance(value, dict):
            self._add("structure", f"Expected an object of type {its.kind}.", place)
            return
        if not value:
            self._add("structure", "An object is never empty; what is not known is left out.", place)
            return
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._add("too-long", f"Nested deeper than {MAX_DEPTH} levels.", place)
        else:
            before = self._malformed
            self._members(value, its, place, scope)
            self._presence(value, its, place)
            if self._malformed == before:
                self._rules(value, its, place, scope)
        self._depth -= 1

    def _members(self, value: dict[str, Any], its: Plan, place: Place, scope: Scope) -> None:
        members = its.members
        chosen: dict[str, str] | None = None
        for name, content in value.items():
            member = members.get(name)
            if member is None:
                member = self._other_member(name, content, value, its, place, scope)
            elif member.many:
                self._array(content, member, value, place, scope)
            elif isinstance(content, list):
                self._add("structure", "Expected one value, found an array.", (place, name))
            else:
                self._value(content, member, (place, name), scope)
            if member is not None and member.choice is not None:
                chosen = {} if chosen is None else chosen
                first = chosen.setdefault(member.choice, member.name)
                if first != member.name:
                    self._add("structure", f"{first} and {member.name} exclude each other.", (place, member.name))

    def _array(self, content: Any, member: Member, value: dict[str, Any], place: Place, scope: Scope) -> None:
        here: Place = (place, member.name)
        if not isinstance(content, list):
            self._add("structure", "Expected an array.", here)
            return
        if not content:
            self._add("structure", "An array is never empty; what is not known is left out.", here)
        if member.maximum is not None and len(content) > member.maximum:
            self._add("structure", f"At most {member.maximum} are allowed.", here)
        siblings = value.get("_" + member.name) if member.check else None
        for position, item in enumerate(content):
            if (
                item is None
                and isinstance(siblings, list)
                and position < len(siblings)
                and siblings[position] is not None
            ):
                continue
            self._value(item, member, (here, position), scope)

    def _value(self, content: Any, member: Member, place: Place, scope: Scope) -> None:
        before = self._malformed
        if member.check is not None:
            wrong = member.check(content)
            if wrong is not None:
                self._add("value", f"{_short(content)} {wrong}.", place)
                return
            if member.codes is not None and member.kind == "code" and content not in member.flat_codes:
                self._add("code-invalid", f"{_short(content)} is not a code that this element may have.", place)
        elif member.is_resource:
            if place is not None and place[0] is not None and place[0][1] == "contained":
                self.resource(content, place, scope.root_resource)
            else:
                self.resource(content, place)
        else:
            self._object(content, plan(member.kind), place, scope)
            if isinstance(content, dict):
                self._typed(content, member, place, scope)
        if self._malformed == before:
            for rule in member.rules:
                self._rule(rule, content, place, scope)

    def _typed(self, content: dict[str, Any], member: Member, place: Place, scope: Scope) -> None:
        if member.codes is not None and member.kind in CODED and not has_bound_code(content, member.kind, member.codes):
            self._add("code-invalid", "None of the codings is from the value set that is required here.", place)
        text = content.get("reference") if member.kind == "Reference" else None
        if not isinstance(text, str):
            return
        if text.startswith("#"):
            fault = local_fault(text, scope.root_resource[0], member.targets)
            if fault is not None:
                self._add(*fault, (place, "reference"))
        elif (wrong := reference_fault(text, member.targets)) is not None:
            self._add("value", wrong, (place, "reference"))

    def _other_member(
        self, name: str, content: Any, value: dict[str, Any], its: Plan, place: Place, scope: Scope
    ) -> Member | None:
        """Names that are no element of the type: resourceType, unknown ones, the `_name` of the primitive returned."""
        if name == "resourceType" and its.kind in resource_types():
            return None
        member = its.members.get(name[1:]) if name.startswith("_") else None
        if member is None or member.check is None:
            self._add("structure", f"{its.kind} has no element {name[:80]!r}.", (place, name[:80]))
            return None
        if member.many:
            self._siblings(content, value.get(member.name), member.name, place, scope)
        else:
            self._sibling(content, value.get(member.name), (place, member.name), scope)
        return member

    def _siblings(self, content: Any, values: Any, name: str, place: Place, scope: Scope) -> None:
        here: Place = (place, name)
        if not isinstance(content, list):
            self._add("structure", f"_{name} is an array beside {name}.", here)
            return
        if isinstance(values, list) and len(values) != len(content):
            self._add("structure", f"_{name} and {name} differ in length.", here)
        if not content:
            self._add("structure", "An array is never empty; what is not known is left out.", here)
        beside = values if isinstance(values, list) else []
        for position, item in enumerate(content):
            other = beside[position] if position < len(beside) else None
            if item is not None:
                self._sibling(item, other, (here, position), scope)
            elif not isinstance(values, list):
                self._add("value", "null stands for a value that is in neither array.", (here, position))

    def _sibling(self, content: Any, value: Any, place: Place, scope: Scope) -> None:
        """The id and extensions of a primitive, which without a value must be more than an id (ele-1)."""
        self._object(content, plan("Element"), place, scope)
        if value is None and isinstance(content, dict) and content and "extension" not in content:
            self._add("invariant", "ele-1: An element has a value or extensions.", place)

    def _presence(self, value: dict[str, Any], its: Plan, place: Place) -> None:
        for element, names in its.required:
            if not any(name in value or "_" + name in value for name in names):
                self._add("required", f"{its.kind}.{element} is required.", (place, element))
        if its.kind == "Extension" and ("extension" in value) == any(
            name.startswith(("value", "_value")) for name in value
        ):
            self._add("invariant", "ext-1: An extension has either a value or extensions.", place)

    def _rules(self, value: dict[str, Any], its: Plan, place: Place, scope: Scope) -> None:
        for rule in its.rules:
            self._rule(rule, value, place, scope)
        if its.contained_rules and "contained" in value:
            for position in unreferenced(value):
                self._add(
                    "invariant", "dom-3: Nothing refers to this contained resource.", ((place, "contained"), position)
                )
            for rule in its.contained_rules:
                self._rule(rule, value, place, scope)

    def _rule(self, rule: Rule, content: Any, place: Place, scope: Scope) -> None:
        if rule.severity != "error" and not self._warnings:
            return
        if rule.holds(content, scope) is False:
            severity = "error" if rule.severity == "error" else "warning"
            self._add("invariant", f"{rule.key}: {rule.human}", place, severity)

    def _add(self, code: str, diagnostics: str, place: Place, severity: str = "error") -> None:
        self._malformed += code in MALFORMED
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(code, diagnostics, render(place), severity))


def has_bound_code(content: dict[str, Any], kind: str, codes: Mapping[str, Container[str]]) -> bool:
    """Whether a Coding or CodeableConcept has a code of its required value set, or nothing but extensions."""
    codings = [content] if kind == "Coding" else content.get("coding", [])
    if any(_is_among(coding, codes) for coding in (codings if isinstance(codings, list) else [])):
        return True
    return "extension" in content and not codings


def _is_among(coding: Any, codes: Mapping[str, Container[str]]) -> bool:
    """Whether a coding, well-formed or not, is one of the codes."""
    code, system = (coding.get("code"), coding.get("system")) if isinstance(coding, dict) else (None, None)
    return isinstance(code, str) and isinstance(system, str) and code in codes.get(system, ())


def _short(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "This"
    text = repr(value[:60]) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"

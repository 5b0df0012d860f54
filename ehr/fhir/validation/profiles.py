"""Validation against the profiles that a resource claims in `meta.profile` (FHIR R4 profiling.html).

Checked: counts, allowed types, fixed and pattern values, slices told apart by value, pattern or type, required
bindings, invariants, and profiles of extensions. Must-support says nothing about a single resource and is left out. A
resource is checked after it proved valid against its base type, so everything here has the right shape. Entries of a
Bundle are checked by whoever takes them in, contained resources are not.

US Core is held in the versions that `ehr.fhir.definitions.profile_compiler` names. A claim without a version means the
version this server aims at, `US_CORE_VERSION`; a profile newer than what is claimed is not applied. What was claimed
and not checked is said, as information, whenever recommendations are asked for.
"""

import functools
from typing import Any

from ehr.fhir.definitions import definitions
from ehr.fhir.definitions.profiles import US_CORE, Constraint, Profile, Slicing, profiles
from ehr.fhir.fhirpath import Scope, compiled, navigation
from ehr.fhir.fhirpath.values import Node, truth
from ehr.fhir.validation.issues import Fault, Place, render
from ehr.fhir.validation.slices import is_bound, meets, slices_of, value_set
from ehr.lib.json import encode

US_CORE_VERSION = "6.1.0"
CODED = ("Coding", "CodeableConcept", "code", "Quantity")

Located = tuple[Node, Place]


def known_profiles() -> dict[str, str]:
    """Canonical -> version of every profile that can be checked, for the CapabilityStatement."""
    return {url: profile.version for url, profile in profiles().profiles.items()}


def profile_faults(resource: dict[str, Any], *, warnings: bool = False) -> list[Fault]:
    """What a valid resource lacks of the profiles it claims. `warnings` adds advice and what was not checked."""
    claims = [(position, claim) for position, claim in enumerate(_claims(resource)) if isinstance(claim, str)]
    if not claims:
        return []
    node = navigation.root(resource)
    check = _Check(Scope(node, node), warnings=warnings)
    place: Place = (((None, node[1]), "meta"), "profile")
    claimed = [check.claim(claim, node[1], (place, position)) for position, claim in claims]
    checked = {profile.url: profile for profile in claimed if profile is not None}
    implied = {ancestor for profile in checked.values() for ancestor in profile.ancestors}
    for profile in checked.values():
        if profile.url not in implied:
            check.profile((node, (None, node[1])), profile)
    return check.faults


def _claims(resource: dict[str, Any]) -> list[Any]:
    meta = resource.get("meta")
    claims = meta.get("profile") if isinstance(meta, dict) else None
    return claims if isinstance(claims, list) else []


@functools.lru_cache(maxsize=1024)
def _applicable(claim: str) -> tuple[Profile | None, str | None]:
    """The profile to check for a claim, None for none, and what is to be said about that."""
    url, _, stated = claim.partition("|")
    profile = profiles().profiles.get(url)
    if profile is None:
        return None, f"NOT CHECKED: {claim} is not among the profiles of this server."
    wanted = stated or (US_CORE_VERSION if url.startswith(US_CORE) else profile.version)
    if profile.version == wanted:
        return profile, None
    if _version(profile.version) > _version(wanted):
        return None, f"NOT CHECKED: {url}|{wanted} is older than {profile.label}, which this server has."
    return profile, f"Checked against {profile.label}: this server does not have {wanted}."


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in text.split("."))


class _Check:
    """One resource against its profiles."""

    def __init__(self, scope: Scope, *, warnings: bool) -> None:
        self.faults: list[Fault] = []
        self._scope = scope
        self._warnings = warnings

    def information(self, diagnostics: str, place: Place) -> None:
        """Says what is good to know and no fault."""
        if self._warnings:
            self.faults.append(Fault("not-supported", diagnostics, render(place), "information"))

    def claim(self, claim: str, kind: str, place: Place) -> Profile | None:
        """The profile to check for a claim of a resource of type `kind`; says why when there is none."""
        profile = profiles().profiles.get(claim.partition("|")[0])
        if profile is not None and profile.type != kind:
            self._add("value", f"{profile.label} is about {profile.type}, not {kind}.", place)
            return None
        applicable, remark = _applicable(claim)
        if remark is not None:
            self.information(remark, place)
        return applicable

    def profile(self, value: Located, profile: Profile) -> None:
        """Checks a value against a whole profile."""
        self._value(value, profile.root, profile)

    def _value(self, value: Located, constraint: Constraint, profile: Profile) -> None:
        node, place = value
        content, kind, _ = node
        if constraint.types and kind not in constraint.types:
            self._add("structure", f"{profile.label} allows {' or '.join(constraint.types)} here.", place)
            return
        if not meets(content, constraint):
            wanted = constraint.pattern if constraint.fixed is None else constraint.fixed
            self._add("value", f"{profile.label} asks for {encode(wanted).decode()} here.", place)
        self._targets(content, kind, constraint, profile, place)
        self._binding(content, kind, constraint, profile, place)
        for url in constraint.profiles:
            self.profile(value, profiles().profiles[url])
        for child in constraint.children:
            self._children(value, child, profile)
        self._invariants(node, constraint, profile, place)

    def _children(self, parent: Located, constraint: Constraint, profile: Profile) -> None:
        found = _located(parent, constraint.name)
        self._count(len(found), constraint, profile, parent[1], constraint.name)
        for value in found:
            self._value(value, constraint, profile)
        if constraint.slicing is not None:
            self._slices(found, constraint.slicing, profile, parent[1])

    def _slices(self, found: list[Located], slicing: Slicing, profile: Profile, parent: Place) -> None:
        slices = slices_of(slicing)
        if slices is None:
            said = f"NOT CHECKED: the slices of {profile.label}; this resource alone does not tell them apart."
            self.information(said, (parent, slicing.slices[0][1].name))
            return
        rest = found
        for one in slices:
            members = [value for value in rest if one.holds(value[0])]
            if members:
                rest = [value for value in rest if not one.holds(value[0])]
            self._count(len(members), one.constraint, profile, parent, f"{one.constraint.name} of the slice {one.name}")
            for value in members:
                self._value(value, one.constraint, profile)
        if slicing.closed:
            for _, where in rest:
                self._add("structure", f"{profile.label} allows nothing here beside its slices.", where)

    def _count(self, count: int, constraint: Constraint, profile: Profile, parent: Place, what: str) -> None:
        place: Place = (parent, constraint.name)
        if count < constraint.minimum:
            self._add("required", f"{profile.label} asks for at least {constraint.minimum} {what}.", place)
        if constraint.maximum is not None and count > constraint.maximum:
            self._add("structure", f"{profile.label} allows at most {constraint.maximum} {what}.", place)

    def _targets(self, content: Any, kind: str, constraint: Constraint, profile: Profile, place: Place) -> None:
        if kind != "Reference" or not constraint.targets:
            return
        target = next(iter(_resolve(self._scope, ((content, kind, None),))), None)
        if target is not None and target[1] not in constraint.targets:
            self._add(
                "value",
                f"{profile.label} allows a reference to {' or '.join(constraint.targets)} here.",
                (place, "reference"),
            )

    def _binding(self, content: Any, kind: str, constraint: Constraint, profile: Profile, place: Place) -> None:
        if constraint.binding is None or kind not in CODED:
            return
        codes = value_set(constraint.binding)
        if codes is None:
            self.information(f"NOT CHECKED: {constraint.binding} cannot be enumerated here.", place)
        elif not is_bound(content, kind, codes):
            self._add("code-invalid", f"{profile.label} asks for a code of {constraint.binding} here.", place)

    def _invariants(self, node: Node, constraint: Constraint, profile: Profile, place: Place) -> None:
        for rule in constraint.invariants:
            if rule.severity != "error" and not self._warnings:
                continue
            if truth(compiled(rule.expression)(self._scope, (node,))) is False:
                severity = "error" if rule.severity == "error" else "warning"
                self._add("invariant", f"{profile.label} {rule.key}: {rule.human}", place, severity)

    def _add(self, code: str, diagnostics: str, place: Place, severity: str = "error") -> None:
        self.faults.append(Fault(code, diagnostics, render(place), severity))


_resolve = compiled("resolve()")


def _located(parent: Located, name: str) -> list[Located]:
    """The values of an element, each with its place in JSON."""
    node, place = parent
    found: list[Located] = []
    for position, value in enumerate(navigation.child((node,), name)):
        json_name, many = _json_name(node[1], name, value[1])
        found.append((value, ((place, json_name), position) if many else (place, json_name)))
    return found


@functools.cache
def _json_name(parent: str, name: str, kind: str) -> tuple[str, bool]:
    """What the element `name` of type `kind` is called in JSON, and whether it is an array there."""
    element = next(element for element in definitions().types[parent].elements if element.name == name)
    return next(one for one, its in element.types.items() if its == kind or len(element.types) == 1), element.many

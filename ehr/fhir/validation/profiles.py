"""Validation against the profiles that a resource claims in `meta.profile` (FHIR R4 profiling.html).

Checked: counts, allowed types, fixed and pattern values, slices told apart by value, pattern or type, required bindings,
invariants, and profiles of extensions. Must-support says nothing about a single resource and is left out. A resource is
checked after it proved valid against its base type, so everything here has the right shape.

US Core is held in the versions that `ehr.fhir.definitions.profile_compiler` names. A claim without a version means the
version this server aims at, `US_CORE_VERSION`; a profile newer than what is claimed is not applied. What was claimed
and not checked is said, as information, whenever recommendations are asked for.
"""

from collections.abc import Iterable
from typing import Any

from ehr.fhir.definitions import definitions
from ehr.fhir.definitions.profiles import US_CORE, Constraint, Profile, Slicing, profiles
from ehr.fhir.definitions.structures import Element, ValueSet
from ehr.fhir.fhirpath import Scope, compiled, navigation
from ehr.fhir.fhirpath.values import Node, truth
from ehr.fhir.validation.issues import Fault, Place, render
from ehr.lib.json import encode

US_CORE_VERSION = "6.1.0"
CODED = ("Coding", "CodeableConcept", "code", "Quantity")

Located = tuple[Node, Place]


def known_profiles() -> dict[str, str]:
    """Canonical -> version of every profile that can be checked, for the CapabilityStatement."""
    return {url: profile.version for url, profile in profiles().profiles.items()}


def profile_faults(resource: dict[str, Any], *, warnings: bool = False) -> list[Fault]:
    """What a valid resource lacks of the profiles it claims. `warnings` adds recommendations and what was not checked."""
    claims = [(position, claim) for position, claim in enumerate(_claims(resource)) if isinstance(claim, str)]
    if not claims:
        return []
    node = navigation.root(resource)
    check = _Check(Scope(node, node), warnings=warnings)
    checked: dict[str, Profile] = {}
    for position, claim in claims:
        profile, unchecked = _applicable(claim, resource["resourceType"])
        if unchecked is not None:
            check.information(unchecked, ((((None, node[1]), "meta"), "profile"), position))
        elif profile is not None:
            checked[profile.url] = profile
    implied = {ancestor for profile in checked.values() for ancestor in profile.ancestors}
    for profile in checked.values():
        if profile.url not in implied:
            check.profile((node, (None, node[1])), profile)
    return check.faults


def _claims(resource: dict[str, Any]) -> list[Any]:
    meta = resource.get("meta")
    claims = meta.get("profile") if isinstance(meta, dict) else None
    return claims if isinstance(claims, list) else []


def _applicable(claim: str, kind: str) -> tuple[Profile | None, str | None]:
    """The profile to check for a claim, or why it is not checked."""
    url, _, stated = claim.partition("|")
    profile = profiles().profiles.get(url)
    if profile is None:
        return None, f"NOT CHECKED: {claim} is not among the profiles of this server."
    if profile.type != kind:
        return None, f"NOT CHECKED: {profile.label} is about {profile.type}, not {kind}."
    claimed = stated or (US_CORE_VERSION if url.startswith(US_CORE) else profile.version)
    if _version(profile.version) > _version(claimed):
        return None, f"NOT CHECKED: {claim} is older than {profile.label}, the version of this server."
    return profile, None


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

    def profile(self, value: Located, profile: Profile) -> None:
        """Checks a value against a whole profile."""
        self._value(value, profile.root, profile)

    def _value(self, value: Located, constraint: Constraint, profile: Profile) -> None:
        node, place = value
        content, kind, _ = node
        if constraint.types and kind not in constraint.types:
            self._add("structure", f"{profile.label} allows {' or '.join(constraint.types)} here.", place)
            return
        if not _meets(content, constraint):
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
        if not all(_can_be_told(one, slicing) for _, one in slicing.slices):
            name = slicing.slices[0][1].name
            self.information(f"NOT CHECKED: the slices of {profile.label}; this resource alone does not tell them apart.", (parent, name))
            return
        rest = found
        for name, one in slicing.slices:
            members = [value for value in rest if _belongs(value[0], one, slicing)]
            rest = [value for value in rest if not _belongs(value[0], one, slicing)]
            self._count(len(members), one, profile, parent, f"{one.name} of the slice {name}")
            for value in members:
                self._value(value, one, profile)
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
                "value", f"{profile.label} allows a reference to {' or '.join(constraint.targets)} here.", (place, "reference")
            )

    def _binding(self, content: Any, kind: str, constraint: Constraint, profile: Profile, place: Place) -> None:
        if constraint.binding is None or kind not in CODED:
            return
        value_set = _value_set(constraint.binding)
        if value_set is None or not value_set.complete:
            self.information(f"NOT CHECKED: {constraint.binding} cannot be enumerated here.", place)
        elif not _is_bound(content, kind, value_set):
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
    element = next(element for element in definitions().types[node[1]].elements if element.name == name)
    found = navigation.child((node,), name)
    return [(value, _place(place, element, value[1], position)) for position, value in enumerate(found)]


def _place(parent: Place, element: Element, kind: str, position: int) -> Place:
    json_name = next(name for name, its in element.types.items() if its == kind or len(element.types) == 1)
    return ((parent, json_name), position) if element.many else (parent, json_name)


def _meets(content: Any, constraint: Constraint) -> bool:
    if constraint.fixed is not None and content != constraint.fixed:
        return False
    return constraint.pattern is None or _matches(content, constraint.pattern)


def _matches(content: Any, pattern: Any) -> bool:
    """Whether `content` has everything that `pattern` has (ElementDefinition.pattern[x])."""
    if isinstance(pattern, dict):
        return isinstance(content, dict) and all(_matches(content.get(name), value) for name, value in pattern.items())
    if isinstance(pattern, list):
        return isinstance(content, list) and all(any(_matches(item, wanted) for item in content) for wanted in pattern)
    return bool(content == pattern)


def _belongs(node: Node, constraint: Constraint, slicing: Slicing) -> bool:
    """Whether a repetition falls in the slice: every discriminator says so."""
    return all(_discriminated(node, constraint, kind, path) for kind, path in slicing.discriminators)


def _discriminated(node: Node, constraint: Constraint, kind: str, path: str) -> bool:
    if kind == "type":
        return node[1] in constraint.types
    wanted = _expectations(constraint, path)
    return any(_fits(found, one) for found in compiled(path)(Scope(node, node, node), (node,)) for one in wanted)


def _fits(node: Node, wanted: Constraint) -> bool:
    value_set = _value_set(wanted.binding) if wanted.binding else None
    return _meets(node[0], wanted) and (value_set is None or _is_bound(node[0], node[1], value_set))


def _can_be_told(constraint: Constraint, slicing: Slicing) -> bool:
    return bool(slicing.discriminators) and all(
        constraint.types if kind == "type" and path == "$this" else kind in ("value", "pattern") and _expectations(constraint, path)
        for kind, path in slicing.discriminators
    )


def _expectations(constraint: Constraint, path: str) -> list[Constraint]:
    """What a slice asks of the element that tells it apart, a constraint that names a value each."""
    if path == "url" and constraint.profiles:
        return [_of_url(constraint.profiles[0])]
    level = [constraint]
    for step in () if path == "$this" else path.split("."):
        level = [child for one in level if (child := one.child(step)) is not None]
        level += [inner for one in level if one.slicing for _, inner in one.slicing.slices]
    return [one for one in level if one.fixed is not None or one.pattern is not None or _enumerates(one.binding)]


def _of_url(url: str) -> Constraint:
    return Constraint("url", 1, 1, (), (), (), url, None, None, (), None, ())


def _enumerates(binding: str | None) -> bool:
    value_set = _value_set(binding) if binding else None
    return value_set is not None and value_set.complete


def _value_set(url: str) -> ValueSet | None:
    return definitions().value_sets.get(url) or profiles().value_sets.get(url)


def _is_bound(content: Any, kind: str, value_set: ValueSet) -> bool:
    if kind == "code":
        return any(content in codes for codes in value_set.codes.values())
    return any(coding.get("code") in value_set.codes.get(coding.get("system", ""), ()) for coding in _codings(content, kind))


def _codings(content: dict[str, Any], kind: str) -> Iterable[dict[str, Any]]:
    return content.get("coding", ()) if kind == "CodeableConcept" else (content,)

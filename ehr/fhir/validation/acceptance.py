"""A quick yes for what is valid: each type compiled to a closure that tells whether `Walk` would find an error.

Nearly all that arrives is valid, and a yes needs neither places nor words. It is cautious: what it does not follow (the
`_name` of a primitive, null in an array) it does not accept, and `Walk` looks at that resource and says what is wrong,
if anything is.
"""

import functools
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ehr.fhir.definitions import resource_types
from ehr.fhir.fhirpath import Condition, Node, Scope
from ehr.fhir.validation.plans import Member, Plan, Rule, plan
from ehr.fhir.validation.primitives import CHECKS, MAX_STRING, Check
from ehr.fhir.validation.references import local_fault, reference_fault, unreferenced
from ehr.fhir.validation.walk import CODED, MAX_DEPTH, has_bound_code

Accepts = Callable[[Any, Scope, int], bool]
"""Whether an element's value is valid in this scope and at this depth."""

Plain = Callable[[Any], bool]
"""Whether a primitive's value is valid."""

REPEATED = frozenset({"code", "uri", "url", "canonical", "date", "dateTime", "instant", "time", "oid"})
"""Types whose values come again and again: what proved valid is remembered, within bounds."""

REMEMBERED = 4096  # values of each of them
LONGEST_REMEMBERED = 128  # characters


def accepts(resource: dict[str, Any]) -> bool:
    """True only when `Walk` finds no error in the resource."""
    return _within(resource, None, 1)


@functools.cache
def _object(kind: str) -> Accepts:
    its = plan(kind)
    accept = _members(its, _wholeness(its), _errors(its.rules))
    return _with_contained(accept, _errors(its.contained_rules)) if its.contained_rules else accept


def _members(its: Plan, is_whole: Callable[[dict[str, Any]], bool], rules: tuple[Condition, ...]) -> Accepts:
    plain: dict[str, Plain] = {}
    nested: dict[str, Accepts] = {}
    if its.kind in resource_types():
        plain["resourceType"] = lambda content: True  # noqa: ARG005 - it has led here

    def accept(value: Any, scope: Scope, depth: int) -> bool:
        if value.__class__ is not dict or not value or depth > MAX_DEPTH:
            return False
        for name, content in value.items():
            accept_plain = plain.get(name)
            if accept_plain is not None:
                if not accept_plain(content):
                    return False
                continue
            accept_nested = nested.get(name) or _learn(its, name, plain, nested)
            if accept_nested is None or not accept_nested(content, scope, depth + 1):
                return False
        return is_whole(value) and (not rules or _hold(rules, value, scope))

    return accept


def _learn(its: Plan, name: str, plain: dict[str, Plain], nested: dict[str, Accepts]) -> Accepts | None:
    """Compiles the test of a member when it is first met; None for what is no member."""
    member = its.members.get(name)
    if member is None:
        return None
    if member.check is None or _errors(member.rules):
        nested[name] = _nested_member(member)
        return nested[name]
    accept_plain = plain[name] = _plain_member(member, member.check)
    return lambda content, scope, depth: accept_plain(content)  # noqa: ARG005 - the shape of Accepts


def _with_contained(accept: Accepts, rules: tuple[Condition, ...]) -> Accepts:
    def accept_resource(value: Any, scope: Scope, depth: int) -> bool:
        if not accept(value, scope, depth):
            return False
        return "contained" not in value or (not unreferenced(value) and _hold(rules, value, scope))

    return accept_resource


def _wholeness(its: Plan) -> Callable[[dict[str, Any]], bool]:
    """Whether what must be there is there, and of each choice one at most."""
    required = tuple(names[0] for _, names in its.required if len(names) == 1)
    one_of = tuple(frozenset(names) for _, names in its.required if len(names) > 1)
    choices = _choices(its)
    is_extension = its.kind == "Extension"

    def is_whole(value: dict[str, Any]) -> bool:
        for name in required:
            if name not in value:
                return False
        for names in one_of:
            if names.isdisjoint(value):
                return False
        for names in choices:
            if sum(map(names.__contains__, value)) > 1:
                return False
        return not is_extension or ("extension" in value) is choices[0].isdisjoint(value)  # ext-1

    return is_whole


def _choices(its: Plan) -> tuple[frozenset[str], ...]:
    """The JSON names of each choice element, which exclude each other."""
    names: dict[str, set[str]] = {}
    for member in its.members.values():
        if member.choice is not None:
            names.setdefault(member.choice, set()).add(member.name)
    return tuple(map(frozenset, names.values()))


def _errors(rules: tuple[Rule, ...]) -> tuple[Condition, ...]:
    return tuple(rule.holds for rule in rules if rule.severity == "error")


def _plain_member(member: Member, check: Check) -> Plain:
    if member.codes is not None and member.kind == "code":
        one = _one_of(frozenset(code for code in member.flat_codes if check(code) is None))
    else:
        one = _plain(member.kind, check)
    if not member.many:
        return one
    most = member.maximum or sys.maxsize

    def accept(content: Any) -> bool:
        return content.__class__ is list and 0 < len(content) <= most and all(map(one, content))

    return accept


def _one_of(codes: frozenset[str]) -> Plain:
    return lambda content: content.__class__ is str and content in codes


@functools.cache
def _plain(kind: str, check: Check) -> Plain:
    if kind == "string":
        return _is_string
    if kind == "decimal":
        return lambda content: content.__class__ is Decimal or check(content) is None
    if kind not in REPEATED:
        return lambda content: check(content) is None
    known = functools.lru_cache(maxsize=REMEMBERED)(lambda text: check(text) is None)

    def accept(content: Any) -> bool:
        if content.__class__ is not str:
            return False
        return known(content) if len(content) <= LONGEST_REMEMBERED else check(content) is None

    return accept


def _is_string(content: Any) -> bool:
    if content.__class__ is not str:
        return False
    if content.isprintable() and len(content) <= MAX_STRING:  # as nearly all are: no control character to look for
        return content != "" and not content.isspace()
    return CHECKS["string"](content) is None


def _nested_member(member: Member) -> Accepts:
    one = _with_rules(_typed(member), _errors(member.rules))
    if not member.many:
        return one
    most = member.maximum or sys.maxsize

    def accept(content: Any, scope: Scope, depth: int) -> bool:
        if content.__class__ is not list or not 0 < len(content) <= most:
            return False
        for item in content:  # noqa: SIM110 - a generator would cost more than some of the tests
            if not one(item, scope, depth):
                return False
        return True

    return accept


def _with_rules(accept: Accepts, rules: tuple[Condition, ...]) -> Accepts:
    if not rules:
        return accept
    return lambda content, scope, depth: accept(content, scope, depth) and _hold(rules, content, scope)


def _hold(rules: tuple[Condition, ...], content: Any, scope: Scope) -> bool:
    for holds in rules:  # noqa: SIM110 - a generator would cost more than most of the rules
        if holds(content, scope) is False:
            return False
    return True


def _typed(member: Member) -> Accepts:
    if member.check is not None:
        plain = _plain(member.kind, member.check)
        return lambda content, scope, depth: plain(content)  # noqa: ARG005 - the shape of Accepts
    if member.is_resource:
        return _contained if member.name == "contained" else _resource
    if member.kind == "Reference":
        return _reference(member.targets)
    accept, codes = _object(member.kind), member.codes
    if codes is None or member.kind not in CODED:
        return accept
    return lambda content, scope, depth: accept(content, scope, depth) and has_bound_code(content, member.kind, codes)


def _resource(content: Any, scope: Scope, depth: int) -> bool:  # noqa: ARG001 - the shape of Accepts
    """A resource of its own, such as a Bundle holds."""
    return _within(content, None, depth)


def _contained(content: Any, scope: Scope, depth: int) -> bool:
    return _within(content, scope.root_resource, depth)


def _within(content: Any, container: Node | None, depth: int) -> bool:
    kind = content.get("resourceType") if content.__class__ is dict else None
    if kind.__class__ is not str or kind not in resource_types():
        return False
    node: Node = (content, kind, None)
    return _object(kind)(content, Scope(node, container or node), depth)


@functools.cache
def _reference(targets: frozenset[str]) -> Accepts:
    accept = _object("Reference")

    def allows(text: str) -> bool:
        return reference_fault(text, targets) is None

    known = functools.lru_cache(maxsize=REMEMBERED)(allows)

    def accept_reference(content: Any, scope: Scope, depth: int) -> bool:
        if not accept(content, scope, depth):
            return False
        text = content.get("reference")
        if text is None:
            return True
        if text.startswith("#"):
            return local_fault(text, scope.root_resource[0], targets) is None
        return known(text) if len(text) <= LONGEST_REMEMBERED else allows(text)

    return accept_reference

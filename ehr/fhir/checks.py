"""How an owner's pure rules become its `check`."""

from collections.abc import Callable, Iterable

from ehr.fhir.elements import Element
from ehr.fhir.registry import Resource, RuleBroken
from ehr.fhir.rules import Broken

Rule = Callable[[Element | None, Element], Iterable[Broken]]
"""(current version or None, new version) to the rules that the write would break."""


def check_by(*rules: Rule) -> Callable[[Resource | None, Resource], None]:
    """A check that raises RuleBroken for the first rule that a write would break."""

    def check(current: Resource | None, new: Resource) -> None:
        for rule in rules:
            for broken in rule(current, new):
                raise RuleBroken(broken.message, expression=broken.expression)

    return check

"""Who owns which resource type. Types without an owner are stored, versioned and searched all the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ehr.fhir.models import Projection

Resource = dict[str, Any]
Keys = Mapping[str, int]
"""Literal references of the resource ("Patient/1") to the keys of their targets in the store."""


ProjectionModel = type[Projection]


class RuleBroken(Exception):
    """A domain rule forbids this write. `expression` is the FHIRPath of the element at fault."""

    def __init__(self, message: str, *, expression: str, code: str = "business-rule") -> None:
        super().__init__(message)
        self.expression = expression
        self.code = code


def no_rules(current: Resource | None, new: Resource) -> None:
    """Allows every write."""


@dataclass(frozen=True, slots=True)
class Owner:
    """What an app says of a resource type it owns.

    `project(resource, keys)` gives the typed columns of `model`, pure and total: columns equal project(current) at all
    times. `check(current, new)` raises RuleBroken; `current` is None on create.
    """

    type: str
    model: ProjectionModel
    project: Callable[[Resource, Keys], dict[str, Any]]
    check: Callable[[Resource | None, Resource], None] = no_rules


owners: dict[str, Owner] = {}


def register(owner: Owner) -> None:
    """Called from the owning app's AppConfig.ready()."""
    if owner.type in owners:
        raise ValueError(f"{owner.type} has an owner already")
    owners[owner.type] = owner

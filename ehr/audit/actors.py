"""Who does something: a person, a registered client system, or the product itself."""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Literal

ActorKind = Literal["user", "client", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The doer of an action or reader of a record.

    `id` is stable and never reused; `name` is what an auditor reads years later. `permissions` are names like
    ``Observation.r`` or ``record.open-chart``; what is not in the container is not held.
    """

    kind: ActorKind
    id: str
    name: str
    permissions: Container[str] = field(default=frozenset(), repr=False)
    on_behalf_of: str | None = None

    def may(self, permission: str) -> bool:
        """True when this permission is held."""
        return permission in self.permissions

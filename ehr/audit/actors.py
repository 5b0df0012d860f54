"""Who does something: a person, a registered client system, or the product itself."""

from dataclasses import dataclass, field
from typing import Literal

ActorKind = Literal["user", "client", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The doer of an action or reader of a record.

    `id` is stable and never reused; `name` is what an auditor reads years later. `permissions` are names like
    ``patient.read``; a permission that is not in the set is not held.
    """

    kind: ActorKind
    id: str
    name: str
    permissions: frozenset[str] = field(default=frozenset(), repr=False)
    on_behalf_of: str | None = None

    def may(self, permission: str) -> bool:
        """True when this permission is held."""
        return permission in self.permissions

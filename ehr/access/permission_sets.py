"""Sets of permissions: functions by name, rights on FHIR resource types by letter."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LETTERS = "cruds"
"""Create, read, update, delete, search: the letters of SMART App Launch 2.0 section 3.0.2, in its order."""

_RIGHTS = re.compile(r"(?P<type>\*|[A-Z][A-Za-z]+)\.(?P<letters>c?r?u?d?s?)")
_FUNCTION = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z-]*")


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """What somebody may do. ``"Observation.r" in held`` is true when that right, or ``*.r`` for every type, is held.

    `atoms` are ``<Type>.<letter>``, ``*.<letter>`` and functions like ``record.open-chart``. The asterisk stands for
    resource types only: no function is ever held by it.
    """

    atoms: frozenset[str] = frozenset()

    def __contains__(self, permission: object) -> bool:
        if permission in self.atoms:
            return True
        return isinstance(permission, str) and permission[:1].isupper() and f"*{permission[-2:]}" in self.atoms

    def __or__(self, other: "PermissionSet") -> "PermissionSet":
        return PermissionSet(self.atoms | other.atoms)


def parse(entries: Iterable[str]) -> PermissionSet:
    """The set that entries like ``Observation.crus``, ``*.rs`` and ``record.open-chart`` describe.

    Raises ValueError for an entry that is neither.
    """
    return PermissionSet(frozenset(atom for entry in entries for atom in _atoms(entry)))


def _atoms(entry: str) -> list[str]:
    rights = _RIGHTS.fullmatch(entry)
    if rights and rights["letters"]:
        return [f"{rights['type']}.{letter}" for letter in rights["letters"]]
    if _FUNCTION.fullmatch(entry):
        return [entry]
    raise ValueError(f"{entry!r} is not a permission")

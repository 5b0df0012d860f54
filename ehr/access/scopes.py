"""SMART scopes of client systems: read, refused when unknown, reduced to what a client may have.

SMART App Launch 2.0 section 3.0.2 (``system/Observation.rs``, letters in the order c r u d s) and version 1
(``system/Observation.read``, ``.write``, ``.*``). Granular scopes (``?category=…``) and the patient and user contexts
are not offered, so they are unknown here. A launch context (``launch/patient``, ibid. section 3.0.4) gives no right,
and clients ask for one whether or not they are launched: it is passed over.
"""

import re
from collections.abc import Callable, Container
from functools import lru_cache

from ehr.access.permission_sets import LETTERS, PermissionSet

LIFETIME_MIN = 5 * 60
LIFETIME_MAX = 60 * 60

_SCOPE = re.compile(r"system/(?P<type>\*|[A-Z][A-Za-z]{1,40})\.(?:(?P<letters>c?r?u?d?s?)|(?P<v1>read|write|\*))")
_LAUNCH = re.compile(r"launch(/[a-z-]{1,40})?")
_V1_LETTERS = {"read": "rs", "write": "cud", "*": LETTERS}

_resource_types: list[Callable[[], Container[str]]] = []


class UnknownScope(ValueError):
    """A scope that this server does not know, or cannot read."""


def register_resource_types(types: Callable[[], Container[str]]) -> None:
    """Called once, from the record store's AppConfig.ready(): `types()` names the resource types that can be served.

    It is asked when a scope is first read. Until it is registered every type is unknown: only ``*`` can be granted.
    """
    _resource_types[:] = [types]
    permissions.cache_clear()


@lru_cache(maxsize=1024)
def permissions(scope: str) -> PermissionSet:
    """The rights that a space-separated scope gives, as ``Observation.r`` and ``*.s``. Raises UnknownScope."""
    return PermissionSet(frozenset(right for one in scope.split(" ") if one for right in _rights(one)))


def reduce(requested: str, allowed: str) -> str:
    """The part of `requested` that `allowed` covers, in version 2 form; what a client is given when it asks for more.

    ``system/*.cruds`` against ``system/Patient.rs system/Task.r`` gives ``system/Patient.rs system/Task.r``.
    Empty when nothing is left. Raises UnknownScope for a scope that cannot be read.
    """
    asked = [one for one in requested.split(" ") if not _LAUNCH.fullmatch(one)]
    wanted, ceiling = permissions(" ".join(asked)), permissions(allowed)
    types = {atom.split(".")[0] for atom in wanted.atoms | ceiling.atoms}
    granted = {kind: _letters(kind, wanted, ceiling) for kind in types}
    everywhere = set(granted.get("*", ""))
    return " ".join(
        f"system/{kind}.{letters}"
        for kind, letters in sorted(granted.items())
        if letters and (kind == "*" or not everywhere.issuperset(letters))
    )


def _letters(kind: str, wanted: PermissionSet, ceiling: PermissionSet) -> str:
    return "".join(x for x in LETTERS if f"{kind}.{x}" in wanted and f"{kind}.{x}" in ceiling)


def _rights(one: str) -> list[str]:
    match = _SCOPE.fullmatch(one)
    letters = match and (match["letters"] or _V1_LETTERS.get(match["v1"] or ""))
    if not match or not letters:
        raise UnknownScope(f"{one!r} is not a scope of this server")
    kind = match["type"]
    if kind != "*" and not any(kind in types() for types in _resource_types):
        raise UnknownScope(f"{one!r} names no FHIR R4 resource type")
    return [f"{kind}.{letter}" for letter in letters]

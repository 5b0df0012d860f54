"""The part of FHIR ValueSet.compose that value sets kept here may use. Pure.

``include`` and ``exclude`` (FHIR R4 ValueSet.compose): a system, and optionally either ``concept`` (a list of codes)
or one ``filter`` on ``concept`` with ``is-a`` or ``descendent-of``. Nothing else is understood or passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ehr.terminology.errors import UnsupportedCompose


@dataclass(frozen=True, slots=True)
class Choice:
    """Concepts of one system: all of it, those listed, or those below one (`including_root`: and that one)."""

    system: str
    kind: Literal["all", "listed", "below"]
    codes: tuple[str, ...] = ()
    including_root: bool = False


def check_compose(compose: Mapping[str, Any]) -> None:
    """Raises UnsupportedCompose unless `read_compose` understands every part."""
    read_compose(compose)


def read_compose(compose: Mapping[str, Any]) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """What is included and what is excluded. Raises UnsupportedCompose."""
    _only(compose, {"include", "exclude"}, "compose")
    included, excluded = (
        tuple(_choice(part) for part in _list(compose.get(name, []), name)) for name in ("include", "exclude")
    )
    if not included:
        raise UnsupportedCompose("compose.include is empty")
    return included, excluded


def _choice(part: Any) -> Choice:
    if not isinstance(part, Mapping):
        raise UnsupportedCompose("compose: an include is an object")
    _only(part, {"system", "concept", "filter"}, "include")
    system = part.get("system")
    if not isinstance(system, str) or not system:
        raise UnsupportedCompose("include.system is missing")
    if "concept" in part and "filter" in part:
        raise UnsupportedCompose("include has both concept and filter")
    if "concept" in part:
        return Choice(system, "listed", tuple(_code(entry) for entry in _list(part["concept"], "concept")))
    if "filter" in part:
        return _below(system, _list(part["filter"], "filter"))
    return Choice(system, "all")


def _below(system: str, filters: list[Any]) -> Choice:
    if len(filters) != 1 or not isinstance(filters[0], Mapping):
        raise UnsupportedCompose("include.filter: exactly one is understood")
    filter_ = filters[0]
    _only(filter_, {"property", "op", "value"}, "filter")
    if filter_.get("property") != "concept" or filter_.get("op") not in ("is-a", "descendent-of"):
        raise UnsupportedCompose("include.filter: only concept is-a and concept descendent-of are understood")
    value = filter_.get("value")
    if not isinstance(value, str) or not value:
        raise UnsupportedCompose("include.filter.value is missing")
    return Choice(system, "below", (value,), filter_["op"] == "is-a")


def _code(entry: Any) -> str:
    code = entry.get("code") if isinstance(entry, Mapping) else None
    if not isinstance(code, str) or not code:
        raise UnsupportedCompose("include.concept.code is missing")
    _only(entry, {"code", "display"}, "concept")
    return code


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise UnsupportedCompose(f"{name} is not a list")
    return value


def _only(part: Mapping[str, Any], known: set[str], name: str) -> None:
    if unknown := sorted(part.keys() - known):
        raise UnsupportedCompose(f"{name}.{unknown[0]} is not understood here")

"""FHIR's Coding and CodeableConcept as values (FHIR R4 datatypes, section 2.24.0.5 and .6).

For reading and comparing: the record store keeps what a client sent, extensions included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ehr.terminology.errors import InvalidDatatype


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of a code system. Absent text is ""."""

    system: str = ""
    code: str = ""
    display: str = ""
    version: str = ""
    user_selected: bool | None = None

    @classmethod
    def from_json(cls, json: Any) -> "Coding":
        """Raises InvalidDatatype."""
        members = _members(json, "Coding")
        return cls(
            system=_text(members, "system"),
            code=_text(members, "code"),
            display=_text(members, "display"),
            version=_text(members, "version"),
            user_selected=_flag(members, "userSelected"),
        )

    def to_json(self) -> dict[str, Any]:
        """Only what is there: FHIR knows no empty elements."""
        texts = {"system": self.system, "version": self.version, "code": self.code, "display": self.display}
        chosen = {} if self.user_selected is None else {"userSelected": self.user_selected}
        return {name: text for name, text in texts.items() if text} | chosen


@dataclass(frozen=True, slots=True)
class CodeableConcept:
    """A concept as codings that mean the same, and as its author's words."""

    coding: tuple[Coding, ...] = ()
    text: str = ""

    @classmethod
    def from_json(cls, json: Any) -> "CodeableConcept":
        """Raises InvalidDatatype."""
        members = _members(json, "CodeableConcept")
        codings = members.get("coding", [])
        if not isinstance(codings, list):
            raise InvalidDatatype("CodeableConcept.coding is not a list")
        return cls(tuple(Coding.from_json(coding) for coding in codings), _text(members, "text"))

    def to_json(self) -> dict[str, Any]:
        """Only what is there."""
        codings = {"coding": [coding.to_json() for coding in self.coding]} if self.coding else {}
        return codings | ({"text": self.text} if self.text else {})

    def code_in(self, system: str) -> str:
        """The code in this system; "" without one."""
        return next((coding.code for coding in self.coding if coding.system == system and coding.code), "")


def _members(json: Any, type_: str) -> Mapping[str, Any]:
    if not isinstance(json, Mapping):
        raise InvalidDatatype(f"{type_} is not an object")
    return json


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name, "")
    if not isinstance(value, str):
        raise InvalidDatatype(f"{name} is not text")
    return value


def _flag(members: Mapping[str, Any], name: str) -> bool | None:
    value = members.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidDatatype(f"{name} is not true or false")
    return value

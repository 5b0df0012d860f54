"""FHIR's primitive types (R4 datatypes.html): how each looks in JSON."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from ehr.lib.dates import interval
from ehr.lib.json import as_decimal

Check = Callable[[Any], str | None]
"""Gives what is wrong with a value, None when nothing is."""

MAX_STRING = 1024 * 1024
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BASE64 = re.compile(r"[0-9A-Za-z+/]+={0,2}")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_ZONE = r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)"
_DATE_TIME = re.compile(rf"\d{{4}}(-\d\d(-\d\d(T{_CLOCK}{_ZONE})?)?)?", re.ASCII)
_INSTANT = re.compile(rf"\d{{4}}-\d\d-\d\dT{_CLOCK}{_ZONE}", re.ASCII)


def _boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "is not true or false"


def _integer(low: int, high: int) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return "is not a whole number"
        return None if low <= value <= high else f"is not between {low} and {high}"

    return check


def _decimal(value: Any) -> str | None:
    return "is not a number" if as_decimal(value) is None else None


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return f"is {_kind(value)}, not a string"
    if not value or value.isspace():
        return "is empty; what is not known is left out"
    if len(value) > MAX_STRING:
        return "is longer than 1 MiB"
    return "holds a control character" if _UNPRINTABLE.search(value) else None


def _long_text(value: Any) -> str | None:
    """Narrative and markdown, whose length the body limit bounds."""
    if not isinstance(value, str):
        return f"is {_kind(value)}, not a string"
    return "is empty; what is not known is left out" if not value or value.isspace() else None


def _pattern(pattern: str, what: str) -> Check:
    expression = re.compile(pattern, re.ASCII)

    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return f"is {_kind(value)}, not a string"
        return None if expression.fullmatch(value) else f"is not {what}"

    return check


def _base64(value: Any) -> str | None:
    if not isinstance(value, str):
        return f"is {_kind(value)}, not a string"
    packed = "".join(value.split())
    return None if len(packed) % 4 == 0 and _BASE64.fullmatch(packed) else "is not base64"


def _calendar(pattern: re.Pattern[str], what: str) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return f"is {_kind(value)}, not a string"
        if not pattern.fullmatch(value):
            return f"is not {what}"
        return None if interval(value) is not None else "is not a day or time that exists"

    return check


def both(first: Check, second: Check) -> Check:
    """A check that a value passes when it passes two."""
    return lambda value: first(value) or second(value)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    return "a number" if isinstance(value, msgspec.Raw) or as_decimal(value) is not None else "a string"


_URI = _pattern(r"\S+", "a URI: it holds white space or is empty")

CHECKS: dict[str, Check] = {
    "boolean": _boolean,
    "integer": _integer(-(2**31), 2**31 - 1),
    "positiveInt": _integer(1, 2**31 - 1),
    "unsignedInt": _integer(0, 2**31 - 1),
    "decimal": _decimal,
    "string": _text,
    "markdown": _long_text,
    "xhtml": _long_text,
    "code": _pattern(r"\S+( \S+)*", "a code: white space at an end, doubled or alone"),
    "id": _pattern(r"[A-Za-z0-9\-.]{1,64}", "an id: 1 to 64 of A-Z a-z 0-9 - ."),
    "uri": _URI,
    "url": _URI,
    "canonical": _URI,
    "oid": _pattern(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+", "an OID such as urn:oid:1.2.3"),
    "uuid": _pattern(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "a UUID such as urn:uuid:c757873d-…"),
    "base64Binary": _base64,
    "date": _calendar(_DATE, "a date such as 2026, 2026-11 or 2026-11-22"),
    "dateTime": _calendar(_DATE_TIME, "a dateTime such as 2026-11-22 or 2026-11-22T08:42:00Z"),
    "instant": _calendar(_INSTANT, "an instant such as 2026-11-22T08:42:00.123Z"),
    "time": _pattern(_CLOCK, "a time such as 08:42:00"),
}

BOUND_CHECKS: dict[str, Check] = {
    "http://hl7.org/fhir/ValueSet/mimetypes": _pattern(
        r"[\w.+\-!#$&^]+/[\w.+\-!#$&^*]+( ?;.*)?|xml|json|ttl", "a media type (BCP 13) such as application/pdf"
    ),
    "http://hl7.org/fhir/ValueSet/currencies": _pattern(r"[A-Z]{3}", "a currency code (ISO 4217) such as USD"),
}
"""The form of codes from value sets that are too open to list."""

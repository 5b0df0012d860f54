"""Values of search parameters as text: escapes, prefixes, dates, numbers, quantities, tokens, references."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import cast, get_args

from ehr.fhir.errors import BadRequest, Issue
from ehr.fhir.search.query import Amount, Moment, Prefix
from ehr.lib import clock
from ehr.lib.dates import EARLIEST, LATEST, interval
from ehr.lib.ucum import canonical

PREFIXES: tuple[Prefix, ...] = get_args(Prefix)
LARGEST_EXPONENT = 400  # as in the index: beyond it a number is no measurement
LONGEST_NUMBER = 100  # characters
UCUM = "http://unitsofmeasure.org"

_PREFIXED = re.compile(r"([a-z]{2})?(.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE]([+-]?\d{1,4}))?", re.ASCII)
_ESCAPED = re.compile(r"\\([,$|\\])")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_LITERAL = re.compile(r"([A-Z][A-Za-z]{1,63})/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")


class BadValue(ValueError):
    """The value of a parameter cannot be understood. Says what would be."""


def split(text: str, separator: str) -> list[str]:
    """The parts between separators that no backslash precedes (FHIR R4 search.html#escaping); escapes stay."""
    parts, begin, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == separator:
            parts.append(text[begin:at])
            begin = at + 1
        at += 1
    return [*parts, text[begin:]]


def alternatives(text: str) -> list[str]:
    """The values of which one is enough, still escaped. Raises BadValue when one is empty."""
    found = split(text, ",")
    if not all(found):
        raise BadValue("there is nothing before or after a comma")
    return found


def unescaped(text: str) -> str:
    r"""`text` with ``\,``, ``\$``, ``\|`` and ``\\`` standing for themselves."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _prefixed(text: str) -> tuple[Prefix, str]:
    match = cast("re.Match[str]", _PREFIXED.fullmatch(text))
    prefix, rest = match.groups()
    if prefix is None:
        return "eq", rest
    if prefix not in PREFIXES:
        raise BadValue(f"{prefix!r} is not one of the prefixes {', '.join(PREFIXES)}")
    return prefix, rest


def moment(text: str) -> Moment:
    """A date of any precision with an optional prefix. `ap` widens it by a tenth of its distance from now."""
    prefix, stated = _prefixed(text)
    covered = interval(stated)
    if covered is None:
        hint = "; write + as %2B in a URL" if " " in stated else ""
        raise BadValue(f"{stated!r} is not a date such as 2026, 2026-11, 2026-11-22 or 2026-11-22T08:30:00Z{hint}")
    found = Moment(prefix, covered.low, covered.high)
    return _widened(found) if prefix == "ap" else found


def _widened(moment: Moment) -> Moment:
    now = clock.now()
    gap = max(abs(now - moment.low), abs(now - moment.high)) / 10
    low = moment.low - gap if moment.low - EARLIEST > gap else EARLIEST
    high = moment.high + gap if LATEST - moment.high > gap else LATEST
    return replace(moment, low=low, high=high)


def number(text: str) -> Amount:
    """A number with an optional prefix, and the range that its digits imply."""
    prefix, stated = _prefixed(text)
    match = _NUMBER.fullmatch(stated)
    if match is None or len(stated) > LONGEST_NUMBER:
        raise BadValue(f"{stated[:LONGEST_NUMBER]!r} is not a number such as 5.4 or 1e2")
    value = Decimal(stated)
    if abs(value.adjusted()) > LARGEST_EXPONENT:
        raise BadValue(f"{stated!r} is out of range")
    margin = abs(value) / 10 if prefix == "ap" else _implied_margin(value, exponential=match.group(1) is not None)
    return Amount(prefix, value, value - margin, value + margin)


def _implied_margin(value: Decimal, *, exponential: bool) -> Decimal:
    """Half a unit of the last digit; of one digit more in 1e2, which FHIR R4 search.html#number reads as [95, 105)."""
    exponent = cast("int", value.as_tuple().exponent)
    return Decimal(5).scaleb(exponent - (2 if exponential else 1))


def quantity(text: str) -> Amount:
    """A number with an optional ``|system|code``: as stated, and in UCUM base units where the unit has some.

    ``5.4``: any unit. ``5.4||mg``: the unit is mg, as code or in words. ``5.4|http://unitsofmeasure.org|mg``:
    converted.
    """
    stated, *unit = split(text, "|")
    amount = number(stated)
    if not unit:
        return amount
    if len(unit) != 2 or not unit[1]:
        raise BadValue(f"{text!r} is not a quantity such as 5.4, 5.4||mg or 5.4|http://unitsofmeasure.org|mg")
    system, code = map(unescaped, unit)
    if not system:
        return replace(amount, unit=code)
    if system == UCUM and (converted := _in_base_units(amount, code)):
        return converted
    return replace(amount, system=system, unit=code)


def _in_base_units(amount: Amount, code: str) -> Amount | None:
    found = [canonical(value, code) for value in (amount.value, amount.low, amount.high)]
    if None in found:
        return None
    (value, unit), (low, _), (high, _) = cast("list[tuple[Decimal, str]]", found)
    return Amount(amount.prefix, value, low, high, base_unit=unit)


@dataclass(frozen=True, slots=True)
class Token:
    """``code``, ``system|code``, ``|code`` (no system) or ``system|`` (any code)."""

    system: str | None
    code: str

    def spelled(self, *, case_sensitive: bool) -> str:
        """As the index spells it. Codes are compared without case, except where case means something."""
        code = self.code if case_sensitive else self.code.lower()
        return code if self.system is None else f"{self.system}|{code}"


def token(text: str) -> Token:
    """A token, escapes resolved."""
    parts = split(text, "|")
    if len(parts) > 2 or not any(parts):
        raise BadValue(f"{text!r} is not a token such as code, system|code, |code or system|")
    *system, code = map(unescaped, parts)
    return Token(system[0] if system else None, code)


def reference(text: str, *, targets: Collection[str], bases: tuple[str, ...]) -> str:
    """A reference as the index spells it: ``Type/id``, ``id`` or a URL. A bare id gets the only possible type."""
    stated = unescaped(text)
    local = local_reference(stated, bases)
    if local is not None:
        return local
    if _ID.fullmatch(stated):
        return f"{next(iter(targets))}/{stated}" if len(targets) == 1 else stated
    if _URI.fullmatch(stated):
        return stated
    raise BadValue(f"{stated!r} is not a reference such as Patient/1, 1 or http://example.org/fhir/Patient/1")


@lru_cache(maxsize=1 << 14)
def local_reference(reference: str, bases: tuple[str, ...] = ()) -> str | None:
    """What a reference to this store names, Patient/1, whatever version or own URL it says; else None."""
    for base in bases:
        if reference.startswith(f"{base}/"):
            reference = reference[len(base) + 1 :]
            break
    match = _LITERAL.fullmatch(reference)
    return f"{match.group(1)}/{match.group(2)}" if match else None


def flag(text: str) -> bool:
    """True for "true", False for "false"."""
    if text not in ("true", "false"):
        raise BadValue(f"{text!r} is neither true nor false")
    return text == "true"


def instant(text: str) -> datetime:
    """The first instant that a date of any precision covers."""
    return moment(text).low


def refused(name: str, fault: BadValue) -> BadRequest:
    """The error for a value of the parameter `name`."""
    return BadRequest(Issue("value", f"{name}: {fault}.", name))

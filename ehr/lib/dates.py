"""Partial FHIR dates and the instants they cover."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_PARTIAL = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)
EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Interval:
    """The instants from `low` up to but not including `high`, in UTC."""

    low: datetime
    high: datetime


@lru_cache(maxsize=4096)
def interval(text: str) -> Interval | None:
    """What a FHIR R4 date, dateTime or instant of any precision covers (datatypes.html#dateTime); None for other text.

    "1957-03" is [1957-03-01, 1957-04-01). A date without a zone is read in UTC, a leap second as the last second of its
    minute, digits beyond the microsecond are dropped. Instants outside the years 1 to 9999 in UTC are cut to them.
    """
    match = _PARTIAL.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        start = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            min(int(second or 0), 59),
            int((fraction or "0")[:6].ljust(6, "0")),
            tzinfo=_zone(zone),
        )
    except ValueError:
        return None
    return Interval(_in_utc(start), _end(start, match.groups()))


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return timezone(-offset if text[0] == "-" else offset)


def _end(start: datetime, stated: tuple[str | None, ...]) -> datetime:
    _, month, day, hour, _, second, fraction, _ = stated
    try:
        if month is None:
            return start.replace(year=start.year + 1)
        if day is None:
            return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    except ValueError:
        return LATEST
    if hour is None:
        step = timedelta(days=1)
    elif second is None:
        step = timedelta(minutes=1)
    else:
        step = timedelta(microseconds=10 ** (6 - min(len(fraction or ""), 6)))
    try:
        return _in_utc(start + step)
    except OverflowError:
        return LATEST


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        return EARLIEST if instant.year == 1 else LATEST

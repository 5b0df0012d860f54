"""How dates, times, ages, names and numbers are written everywhere: 22-Nov-2026, 24 h clock, numbers as stated.

Sources: NHS Common User Interface (date and time display, patient banner, medication line) and FHIR R4 datatypes.
"""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from django.utils import timezone

from ehr.lib.dates import interval

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NOT_KNOWN = "Not known"
RECENT_DAYS = 90
MOST_DIGITS = 8  # a number written with more characters than this is shown rounded and marked so

_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def day(value: date) -> str:
    """22-Nov-2026. An instant is told in the zone in force."""
    local = _local(value)
    return f"{local.day:02d}-{MONTHS[local.month - 1]}-{local.year:04d}"


def day_and_month(value: date) -> str:
    """22-Nov."""
    local = _local(value)
    return f"{local.day:02d}-{MONTHS[local.month - 1]}"


def weekday_and_day(value: date) -> str:
    """Sun 22-Nov-2026."""
    return f"{WEEKDAYS[_local(value).weekday()]} {day(value)}"


def clock_time(value: datetime) -> str:
    """07:52, of 24 hours."""
    local = _local(value)
    assert isinstance(local, datetime)  # noqa: S101 - an instant stays one
    return f"{local.hour:02d}:{local.minute:02d}"


def day_and_time(value: datetime) -> str:
    """22-Nov-2026 07:52."""
    return f"{day(value)} {clock_time(value)}"


def fhir_date(text: str | None) -> str:
    """A FHIR date or dateTime of any precision: 1957, Mar-1957, 14-Mar-1957, 22-Nov-2026 07:52. Absent: Not known.

    A time is told in the zone in force. What is no date (FHIR allows words for an onset) stays.
    """
    if not text:
        return NOT_KNOWN
    instant = _instant(text)
    return day_and_time(instant) if instant else fhir_day(text)


def fhir_day(text: str | None) -> str:
    """The same without the time of day."""
    return "-".join(_parts(text or "")) or text or NOT_KNOWN


def fhir_since(text: str | None, today: date) -> str:
    """Since when: the day while it is recent (21-Nov), else the month (Mar-1957) or the year, as far as stated."""
    parts = _parts(text or "")
    began = exact_day(text)
    if began and 0 <= (today - began).days < RECENT_DAYS:
        return "-".join(parts[:2])
    return "-".join(parts[-2:]) or text or NOT_KNOWN


def exact_day(text: str | None) -> date | None:
    """The calendar day of a FHIR date or dateTime; None when it is less precise than that."""
    instant = _instant(text or "")
    if instant:
        return timezone.localtime(instant).date()
    match = _PARTIAL_DATE.fullmatch(text or "")
    return date.fromisoformat(match.group()) if match and match[3] else None


def _instant(text: str) -> datetime | None:
    stretch = interval(text) if "T" in text else None
    return stretch.low if stretch else None


def _parts(text: str) -> list[str]:
    """Day, month and year as written, as far as stated; none when it is no date."""
    instant = _instant(text)
    if instant:
        return day(instant).split("-")
    match = _PARTIAL_DATE.fullmatch(text)
    if match is None:
        return []
    year, month, day_of_month = match.groups()
    return [part for part in (day_of_month, MONTHS[int(month) - 1] if month else None, year) if part]


def age(birth: str | None, on: date) -> str:
    """The age on a day, from a FHIR date: 12 d, 14 w, 18 mo, 69 y; 68 or 69 y when unsure; "" unknown."""
    match = _PARTIAL_DATE.fullmatch(birth or "")
    if match is None:
        return ""
    year, month, day_of_month = (int(part) if part else None for part in match.groups())
    assert year is not None  # noqa: S101 - the pattern has a year
    if day_of_month and month:
        return _exact_age(date(year, month, day_of_month), on)
    youngest = _years(date(year, month or 12, 28), on)
    oldest = _years(date(year, month or 1, 1), on)
    if oldest < 0:
        return ""
    return f"{oldest} y" if oldest == youngest or youngest < 0 else f"{youngest} or {oldest} y"


def _exact_age(birth: date, on: date) -> str:
    days = (on - birth).days
    if days < 0:
        return ""
    if days < 28:
        return f"{days} d"
    if days < 365:
        return f"{days // 7} w"
    months = (on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day)
    return f"{months} mo" if months < 24 else f"{months // 12} y"


def _years(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def gender(code: str | None) -> str:
    """FHIR administrative gender in words; absent and `unknown` are Not known."""
    return {"male": "Male", "female": "Female", "other": "Other"}.get(code or "", NOT_KNOWN)


def number(value: Decimal) -> str:
    """The number as stated, with thousands parted: 6,240; 10.0; 0.55. No zero is added or taken away.

    One of more than MOST_DIGITS characters (a measurement never is, a float's artefact is) is rounded to four
    significant digits and says so: ≈ 3.885. `exact_number` gives it whole.
    """
    stated = exact_number(value)
    if len(stated.lstrip("-").replace(",", "")) <= MOST_DIGITS:
        return stated
    rounded = value.quantize(Decimal(1).scaleb(min(value.adjusted() - 3, 0)), ROUND_HALF_EVEN)
    return f"≈ {rounded:,f}"


def exact_number(value: Decimal) -> str:
    """Every digit that was stated, thousands parted."""
    return f"{value:,f}"


def record_number(text: str) -> str:
    """A medical record number in groups of four for reading aloud, when it is eight digits: 4820 1173."""
    return f"{text[:4]} {text[4:]}" if len(text) == 8 and text.isascii() and text.isdigit() else text


def _local(value: date) -> date:
    return timezone.localtime(value) if isinstance(value, datetime) else value

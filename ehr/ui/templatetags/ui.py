"""Template words of the design system: {% load ui %}."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone

from ehr.ui import formats, markup, places, status

register = template.Library()


register.simple_tag(markup.icon)
register.simple_tag(markup.flagged)
register.simple_tag(markup.drawn)


@register.simple_tag
def service_status() -> list[status.Line]:
    """The product's parts and whether they work."""
    return status.lines()


@register.simple_tag
def chart_url(chart: places.Chart, patient_id: str) -> str:
    """Where this patient's chart opens."""
    return chart.url(patient_id)


@register.filter
def day(value: date) -> str:
    return formats.day(value)


@register.filter
def day_and_month(value: date) -> str:
    return formats.day_and_month(value)


@register.filter
def weekday_and_day(value: date) -> str:
    return formats.weekday_and_day(value)


@register.filter
def clock_time(value: datetime) -> str:
    return formats.clock_time(value)


@register.filter
def day_and_time(value: datetime) -> str:
    return formats.day_and_time(value)


@register.filter
def fhir_date(value: str | None) -> str:
    return formats.fhir_date(value)


@register.filter
def fhir_day(value: str | None) -> str:
    """The day of a FHIR date of any precision, without the time of day."""
    return formats.fhir_day(value)


@register.filter
def fhir_since(value: str | None, now: datetime) -> str:
    """Since when, as shortly as its age allows: 21-Nov, Mar-1957, 1957."""
    return formats.fhir_since(value, timezone.localtime(now).date())


@register.filter
def year(value: date) -> str:
    """2026."""
    return formats.day(value)[-4:]


@register.filter
def age_at(birth: str | None, death: str) -> str:
    """The age at death, from two FHIR dates; "" when the day of death is not known."""
    died = formats.exact_day(death)
    return formats.age(birth, died) if died else ""


@register.filter
def lower_first(text: str) -> str:
    """Sentence case undone, for a name within a line; abbreviations stay."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


@register.filter
def banner_initials(name: str) -> str:
    """MO, for "OKAFOR, Margaret Adaeze"."""
    family, _, given = name.partition(", ")
    return (given[:1] + family[:1]).upper()


@register.filter
def age(birth: str | None, on: date) -> str:
    return formats.age(birth, timezone.localtime(on).date() if isinstance(on, datetime) else on)


@register.filter
def gender(code: str | None) -> str:
    return formats.gender(code)


@register.filter
def number(value: Decimal) -> str:
    return formats.number(value)


@register.filter
def exact_number(value: Decimal) -> str:
    return formats.exact_number(value)


@register.filter
def record_number(value: str) -> str:
    return formats.record_number(value)


@register.filter
def person(name: str) -> str:
    """A person's name as displayed; nobody stands without words."""
    return name or "Name not known"


@register.filter
def initials(name: Any) -> str:
    """The first letters of the first and last words of a name: "L. Sørensen, MD" gives LS."""
    words = [word for word in str(name).split(",")[0].split() if word[0].isalpha()]
    return "".join(word[0].upper() for word in (words[:1] + words[-1:] if len(words) > 1 else words))


@register.filter
def pressed_when(value: object, other: object) -> str:
    """The word true or false, as ARIA writes them."""
    return "true" if value == other else "false"

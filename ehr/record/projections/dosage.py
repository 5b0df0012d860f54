"""A Dosage in the words of a medication line (NHS Common User Interface, Medication Line quick guide 2010)."""

from decimal import Decimal
from typing import Any

from ehr.fhir.elements import EN_DASH, NOTHING, Element, coded, element, elements, number, quantity, text, texts

# http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation
ABBREVIATIONS = {
    "QD": "daily", "BID": "twice daily", "TID": "three times daily", "QID": "four times daily", "QOD": "every 2 days",
    "AM": "every morning", "PM": "every afternoon", "BED": "at bedtime", "WK": "weekly", "MO": "monthly",
    "Q1H": "every hour", "Q2H": "every 2 hours", "Q3H": "every 3 hours", "Q4H": "every 4 hours",
    "Q6H": "every 6 hours", "Q8H": "every 8 hours",
}  # fmt: skip
# http://hl7.org/fhir/ValueSet/event-timing
EVENTS = {
    "MORN": "in the morning", "MORN.early": "in the early morning", "MORN.late": "in the late morning",
    "NOON": "at noon", "AFT": "in the afternoon", "AFT.early": "in the early afternoon",
    "AFT.late": "in the late afternoon", "EVE": "in the evening", "EVE.early": "in the early evening",
    "EVE.late": "in the late evening", "NIGHT": "at night",
    "PHS": "after sleep", "HS": "at bedtime", "WAKE": "on waking",
    "C": "with meals", "CM": "with breakfast", "CD": "with lunch", "CV": "with dinner",
    "AC": "before meals", "ACM": "before breakfast", "ACD": "before lunch", "ACV": "before dinner",
    "PC": "after meals", "PCM": "after breakfast", "PCD": "after lunch", "PCV": "after dinner",
}  # fmt: skip
UNITS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}
ONCE_PER = {"d": "daily", "wk": "weekly", "mo": "monthly", "a": "yearly"}
TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times"}


def dose_and_rate(instruction: Element) -> Element:
    """The first dose or rate of an instruction."""
    return next(iter(elements(instruction.get("doseAndRate"))), NOTHING)


def dose_words(instruction: Element) -> str:
    """The dose, else the rate: "5,000 units", "1" en dash "2 tablet", "75 mL/hour"."""
    given = dose_and_rate(instruction)
    words = (_amount(given.get("doseQuantity")), _range(given.get("doseRange")), _amount(given.get("rateQuantity")))
    return next(filter(None, (*words, _range(given.get("rateRange")), _ratio(given.get("rateRatio")))), "")


def timing_words(timing: Element) -> str:
    """When: "every 12 hours", "twice daily", "daily at bedtime". The author's own words go before the parts."""
    if stated := text(element(timing.get("code")).get("text")):
        return stated
    if abbreviated := ABBREVIATIONS.get(coded(timing.get("code")).code):
        return abbreviated
    repeat = element(timing.get("repeat"))
    days = ", ".join(day.capitalize() for day in texts(repeat.get("dayOfWeek")))
    hours = ", ".join(time[:5] for time in texts(repeat.get("timeOfDay")))
    events = ", ".join(EVENTS[event] for event in texts(repeat.get("when")) if event in EVENTS)
    words = (_frequency(repeat), events, f"on {days}" if days else "", f"at {hours}" if hours else "")
    return " ".join(filter(None, words)) or coded(timing.get("code")).display


def _frequency(repeat: Element) -> str:
    period, unit = number(repeat.get("period")), text(repeat.get("periodUnit"))
    times = number(repeat.get("frequency")) or Decimal(1)
    if period is None or unit not in UNITS:
        return ""
    often = "" if times == 1 else f"{TIMES.get(int(times), f'{_plain(times)} times')} "
    if period == 1:
        return often + ONCE_PER[unit] if unit in ONCE_PER else f"{often}every {UNITS[unit]}"
    return f"{often}every {_plain(period)} {UNITS[unit]}s"


def _amount(value: Any) -> str:
    """A number without trailing zeros and with commas in thousands, then its unit: a misread zero is tenfold."""
    measured = quantity(value)
    return "" if measured.value is None else " ".join(filter(None, (_plain(measured.value), measured.unit)))


def _range(value: Any) -> str:
    low, high = quantity(element(value).get("low")).value, _amount(element(value).get("high"))
    return EN_DASH.join(filter(None, ("" if low is None else _plain(low), high)))


def _ratio(value: Any) -> str:
    return " per ".join(filter(None, (_amount(element(value).get(part)) for part in ("numerator", "denominator"))))


def _plain(value: Decimal) -> str:
    words = f"{value:,f}"
    return words.rstrip("0").rstrip(".") if "." in words else words

"""How dates, ages and numbers are written."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from ehr.ui import formats

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1957-03-14", "14-Mar-1957"),
        ("1957-03", "Mar-1957"),
        ("1957", "1957"),
        ("2026-11-22T08:42:00Z", "22-Nov-2026 08:42"),
        ("2026-11-22T08:42:07.123+02:00", "22-Nov-2026 06:42"),
        ("childhood", "childhood"),
        ("2026-02-30", "30-Feb-2026"),
        ("", "Not known"),
        (None, "Not known"),
    ],
)
def test_fhir_dates_show_what_was_stated(text: str | None, shown: str) -> None:
    assert formats.fhir_date(text) == shown


def test_times_are_told_in_the_zone_in_force() -> None:
    with timezone.override(ZoneInfo("America/New_York")):
        assert formats.fhir_date("2026-11-22T03:30:00Z") == "21-Nov-2026 22:30"
        assert formats.weekday_and_day(datetime(2026, 11, 22, 3, 30, tzinfo=UTC)) == "Sat 21-Nov-2026"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-21", "21-Nov"),
        ("2026-08-24", "Aug-2026"),
        ("2027-01-01", "Jan-2027"),
        ("2011", "2011"),
        ("at school", "at school"),
    ],
)
def test_since_is_as_short_as_its_age_allows(text: str, shown: str) -> None:
    assert formats.fhir_since(text, TODAY) == shown


@pytest.mark.parametrize(
    ("birth", "shown"),
    [
        ("2026-11-22", "0 d"),
        ("2026-10-26", "27 d"),
        ("2026-10-25", "4 w"),
        ("2025-11-23", "52 w"),
        ("2025-11-22", "12 mo"),
        ("2024-11-23", "23 mo"),
        ("2024-11-22", "2 y"),
        ("1957-11-22", "69 y"),
        ("1957-11-23", "68 y"),
        ("2008-02-29", "18 y"),
        ("1957", "68 or 69 y"),
        ("1957-03", "69 y"),
        ("1957-11", "68 or 69 y"),
        ("2027-01-01", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_age(birth: str | None, shown: str) -> None:
    assert formats.age(birth, TODAY) == shown


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("10.0", "10.0"),
        ("5.10", "5.10"),
        ("10435.00", "10,435.00"),
        ("0.55", "0.55"),
        ("-0.5", "-0.5"),
        ("6240", "6,240"),
        ("3.8853662282269", "≈ 3.885"),
        ("109.65600769223768", "≈ 109.7"),
        ("0.00039091", "≈ 0.0003909"),
        ("1234567890", "≈ 1,234,567,890"),
    ],
)
def test_numbers_stand_as_stated_unless_they_are_artefacts(stated: str, shown: str) -> None:
    assert formats.number(Decimal(stated)) == shown


def test_the_exact_number_keeps_every_digit() -> None:
    assert formats.exact_number(Decimal("109.65600769223768")) == "109.65600769223768"


@pytest.mark.parametrize(
    ("mrn", "shown"),
    [("48201173", "4820 1173"), ("4820 1173", "4820 1173"), ("A-17", "A-17"), ("٤٨٢٠١١٧٣", "٤٨٢٠١١٧٣")],
)
def test_record_number(mrn: str, shown: str) -> None:
    assert formats.record_number(mrn) == shown

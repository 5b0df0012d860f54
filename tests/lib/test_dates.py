import itertools
from datetime import UTC, datetime, timedelta

import pytest

from ehr.lib.dates import EARLIEST, LATEST, Interval, interval


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1957", at(1957, 1, 1), at(1958, 1, 1)),
        ("1957-03", at(1957, 3, 1), at(1957, 4, 1)),
        ("1957-12", at(1957, 12, 1), at(1958, 1, 1)),
        ("1957-03-14", at(1957, 3, 14), at(1957, 3, 15)),
        ("2024-02-29", at(2024, 2, 29), at(2024, 3, 1)),
        ("2026-11-22T08:42Z", at(2026, 11, 22, 8, 42), at(2026, 11, 22, 8, 43)),
        ("2026-11-22T08:42:07Z", at(2026, 11, 22, 8, 42, 7), at(2026, 11, 22, 8, 42, 8)),
        ("2026-11-22T08:42:07-05:00", at(2026, 11, 22, 13, 42, 7), at(2026, 11, 22, 13, 42, 8)),
        ("2026-11-22T08:42:07+05:30", at(2026, 11, 22, 3, 12, 7), at(2026, 11, 22, 3, 12, 8)),
        ("2026-11-22T08:42:07.5Z", at(2026, 11, 22, 8, 42, 7, 500_000), at(2026, 11, 22, 8, 42, 7, 600_000)),
        ("2026-11-22T08:42:07.123456789Z", at(2026, 11, 22, 8, 42, 7, 123_456), at(2026, 11, 22, 8, 42, 7, 123_457)),
        ("2016-12-31T23:59:60Z", at(2016, 12, 31, 23, 59, 59), at(2017, 1, 1)),
        ("9999", at(9999, 1, 1), LATEST),
        ("9999-12", at(9999, 12, 1), LATEST),
        ("9999-12-31", at(9999, 12, 31), LATEST),
        ("0001-01-01T00:00:00+14:00", EARLIEST, EARLIEST),
        ("9999-12-31T23:59:59-14:00", LATEST, LATEST),
    ],
)
def test_a_partial_date_covers_the_instants_its_precision_implies(text: str, low: datetime, high: datetime) -> None:
    assert interval(text) == Interval(low, high)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1957-13",
        "2026-02-30",
        "2023-02-29",
        "57",
        "1957-3-14",
        "2026-11-22T25:00:00Z",
        "about 1957",
        "1957-03-14T",
        "٢٠٢٦",
    ],
)
def test_other_text_covers_nothing(text: str) -> None:
    assert interval(text) is None


def test_precision_narrows_and_never_leaves_the_wider_interval() -> None:
    texts = ["2026", "2026-11", "2026-11-22", "2026-11-22T08:42Z", "2026-11-22T08:42:07Z", "2026-11-22T08:42:07.123Z"]
    covered = [interval(text) for text in texts]
    for wide, narrow in itertools.pairwise(covered):
        assert wide is not None
        assert narrow is not None
        assert wide.low <= narrow.low < narrow.high <= wide.high
        assert narrow.high - narrow.low < wide.high - wide.low
    assert covered[-1] is not None
    assert covered[-1].high - covered[-1].low == timedelta(milliseconds=1)

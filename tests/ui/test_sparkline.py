"""Where the points of a sparkline go."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ehr.ui.sparkline import Band, Reading, sparkline

START = datetime(2026, 11, 19, tzinfo=UTC)
SIZE = (105.0, 25.0)  # 100 by 20 within the margins


def readings(*values: tuple[float, float] | tuple[float, float, str]) -> list[Reading]:
    """Hours since START, value, and a unit where it matters."""
    return [Reading(START + timedelta(hours=v[0]), Decimal(str(v[1])), v[2] if len(v) == 3 else "mg") for v in values]


def test_nothing_is_drawn_of_nothing() -> None:
    assert sparkline([]) is None


@pytest.mark.parametrize(
    ("values", "paths", "points"),
    [
        # uneven times stay uneven: a tenth of the time is a tenth of the width
        ([(0, 1), (1, 2), (10, 3)], ("M2.5 22.5L12.5 12.5L102.5 2.5",), ()),
        # a change of unit breaks the line; what is in another unit has no height here
        ([(0, 1, "g"), (5, 10), (10, 20)], ("M52.5 22.5L102.5 2.5",), ()),
        ([(0, 10), (5, 1, "g"), (10, 20)], (), ((2.5, 22.5),)),
        # all the same: a level line in the middle
        ([(0, 4), (10, 4)], ("M2.5 12.5L102.5 12.5",), ()),
    ],
)
def test_lines(
    values: list[tuple[float, float]], paths: tuple[str, ...], points: tuple[tuple[float, float], ...]
) -> None:
    line = sparkline(readings(*values), size=SIZE)
    assert line is not None
    assert (line.paths, line.points) == (paths, points)


def test_a_window_makes_rows_comparable() -> None:
    line = sparkline(readings((5, 1), (10, 2)), window=(START, START + timedelta(hours=20)), size=SIZE)
    assert line is not None
    assert line.paths == ("M27.5 22.5L52.5 2.5",)
    assert line.last == (52.5, 2.5)


@pytest.mark.parametrize(
    ("band", "drawn"),
    [
        (Band(Decimal(12), Decimal(18)), (6.5, 12.0)),
        (Band(None, Decimal(15)), (12.5, 12.5)),  # open below: down to the edge
        (Band(Decimal(15), None), (0.0, 12.5)),
        (Band(Decimal(100), Decimal(200)), None),  # far above: out of the picture
        (Band(), None),
    ],
)
def test_the_reference_band_is_drawn_where_it_is(band: Band, drawn: tuple[float, float] | None) -> None:
    line = sparkline(readings((0, 10), (10, 20)), band=band, size=SIZE)
    assert line is not None
    assert line.band == drawn


def test_a_band_near_the_readings_stays_in_the_picture() -> None:
    line = sparkline(readings((0, 20), (10, 30)), band=Band(Decimal(10), Decimal(15)), size=SIZE)
    assert line is not None
    assert line.band == (17.5, 5.0)
    assert line.last == (102.5, 2.5)

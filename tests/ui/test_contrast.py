"""Every text colour on every surface it stands on, in both themes: at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

import re
from itertools import product
from pathlib import Path

import pytest

pytestmark = pytest.mark.accessibility

TOKENS = Path(__file__).parents[2] / "ehr" / "ui" / "frontend" / "tokens.css"
PAIR = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
COLORS = {name: {"light": light, "dark": dark} for name, light, dark in PAIR.findall(TOKENS.read_text())}
SURFACES = ("canvas", "surface", "raised", "sunken")
PAIRS = [
    *product(("ink", "ink-2", "ink-3", "act", "draft", "crit", "high", "low", "ok"), SURFACES),
    *((name, f"{name}-soft") for name in ("act", "draft", "crit", "high", "low", "ok")),
    *product(("ink", "ink-2"), ("crit-soft", "high-soft", "act-soft", "line")),
    ("on-act", "act"),
    ("on-act", "act-hover"),
    ("on-crit", "crit"),
    ("surface", "ink-2"),
    ("rail-ink", "rail"),
    ("rail-on", "rail"),
    ("rail-on", "rail-line"),
    ("rail-mark-ink", "rail-mark"),
]
EDGES = [*product(("control", "focus"), ("canvas", "surface")), ("spark", "surface"), ("spark", "band")]


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula_knows_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text(theme: str, text: str, ground: str) -> None:
    assert contrast(COLORS[text][theme], COLORS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_of_controls_and_lines(theme: str, edge: str, ground: str) -> None:
    assert contrast(COLORS[edge][theme], COLORS[ground][theme]) >= 3

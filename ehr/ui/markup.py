"""The small parts that a page repeats by the hundred, in Python: a template include for each would be slow."""

from functools import cache
from html import escape
from typing import Protocol

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from ehr.ui.sparkline import Sparkline


class Flagged(Protocol):
    """What a flag shows: colour by `css`, shape by `icon` ("" for none), `letter`, and `words` for a screen reader."""

    @property
    def css(self) -> str: ...
    @property
    def icon(self) -> str: ...
    @property
    def letter(self) -> str: ...
    @property
    def words(self) -> str: ...


@cache
def icon(name: str, css: str = "icon") -> SafeString:
    """An icon of the sprite. Decoration only: the words stand beside it."""
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("icons.svg"),
        name,
    )


@cache
def _flag_tail(name: str, letter: str, words: str) -> SafeString:
    return format_html(
        ' {}<i aria-hidden="true">{}</i><span class="spoken">, {}</span>', icon(name, "shape"), letter, words
    )


def flagged(value: str, flag: Flagged | None) -> SafeString:
    """A value with its flag: shape, letter and colour, and the words for who hears it. Without a flag, the value."""
    if flag is None:
        return mark_safe(escape(value))  # noqa: S308 - escaped here
    tail = _flag_tail(flag.icon, flag.letter, flag.words)
    return mark_safe(f'<span class="flag {escape(flag.css)}">{escape(value)}{tail}</span>')  # noqa: S308 - every part is escaped


def drawn(line: Sparkline | None, *, css: str, words: str) -> SafeString:
    """A sparkline as SVG, with `words` as its text twin; `css` colours the last point. Nothing for None."""
    if line is None:
        return SafeString()
    size = f'width="{line.width:g}" height="{line.height:g}" viewBox="0 0 {line.width:g} {line.height:g}"'
    band = (
        f'<rect class="band" x="0" y="{line.band[0]:g}" width="{line.width:g}" height="{line.band[1]:g}"/>'
        if line.band
        else ""
    )
    paths = "".join(f'<path class="trend" d="{path}"/>' for path in line.paths)
    points = "".join(f'<circle class="point" cx="{x:g}" cy="{y:g}" r="1.3"/>' for x, y in line.points)
    last = f'<circle class="last {escape(css)}" cx="{line.last[0]:g}" cy="{line.last[1]:g}" r="2.2"/>'
    label = escape(words)
    return mark_safe(  # noqa: S308 - numbers of our own, words and class escaped
        f'<svg class="sparkline" {size} role="img" aria-label="{label}">{band}{paths}{points}{last}</svg>'
    )

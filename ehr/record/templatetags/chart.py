"""Template words of the chart: {% load chart %}."""

from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from ehr.record.selectors import words
from ehr.record.selectors.results import Result, Test
from ehr.ui import markup

register = template.Library()

_NOT_DRAWN = '<span class="none"><span class="spoken">not drawn</span><span aria-hidden="true">–</span></span>'  # noqa: RUF001 - a dash


@register.simple_tag
def result(value: Result) -> SafeString:
    """One result: value, flag, its unit where that is not the row's, and whether it is not final."""
    title = f' title="{escape(value.exact)}"' if value.exact != value.value else ""
    unit = f' <span class="unit">{escape(value.unit)}</span>' if value.unit else ""
    note = f' <span class="note">{escape(value.note)}</span>' if value.note else ""
    shown = markup.flagged(value.value, value.flag)
    return mark_safe(f'<span class="result"{title}>{shown}{unit}{note}</span>')  # noqa: S308 - every part is escaped


@register.simple_tag
def result_cells(test: Test) -> SafeString:
    """The cells of a row of the grid, each with how many draws ago it was."""
    cells = ["".join(result(value) for value in cell) or _NOT_DRAWN for cell in test.cells]
    ago = range(len(cells) - 1, -1, -1)
    row = (f'<td class="draw ago-{n}{"" if n else " newest"}">{cell}</td>' for n, cell in zip(ago, cells, strict=True))
    return mark_safe("".join(row))  # noqa: S308 - cells are safe already


@register.simple_tag
def trend(test: Test) -> SafeString:
    """The row's sparkline."""
    return markup.drawn(test.line, css=test.line_css, words=test.line_words)


@register.filter
def plain_term(display: str) -> str:
    """A SNOMED CT name without its semantic tag."""
    return words.plain_term(display)


@register.filter
def held_words(reason: str) -> str:
    """The reason after "Held:", once, also where it says so itself."""
    return reason if reason.lower().startswith("held") else f"Held: {reason}"

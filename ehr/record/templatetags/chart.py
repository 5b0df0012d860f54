"""Template words of the chart: {% load chart %}."""

from django import template

from ehr.record.selectors import words

register = template.Library()


@register.filter
def plain_term(display: str) -> str:
    """A SNOMED CT name without its semantic tag."""
    return words.plain_term(display)


@register.filter
def held_words(reason: str) -> str:
    """The reason after "Held:", once, also where it says so itself."""
    return reason if reason.lower().startswith("held") else f"Held: {reason}"

"""The order in which found concepts are shown. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from ehr.lib.text import compact_words, fold, searchable_words


@dataclass(frozen=True, slots=True, order=True)
class FoundConcept:
    """A concept as a search shows it. `selectable` is false for a heading that may not stand in a record."""

    system: str
    code: str
    display: str
    active: bool
    selectable: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed, as it is compared: as a code, as text, and as words."""

    compact: str
    folded: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Wanted":
        """ "E11.9" is the code e119 and one word; "acut kid" is two."""
        words = tuple(compact_words(text))
        return cls("".join(words), fold(text), words)


def rank(wanted: Wanted, concept: FoundConcept, synonyms: Sequence[str]) -> tuple[int, bool, int, str]:
    """Less is better: the code itself, codes that begin so, text that begins so, words in that order, the rest.

    The text is the display; words in order may stand in a synonym too.
    Within each: active ones first, then shorter displays, then by code.
    """
    return (_tier(wanted, concept, synonyms), not concept.active, len(concept.display), concept.code)


def _tier(wanted: Wanted, concept: FoundConcept, synonyms: Sequence[str]) -> int:
    compact_code = "".join(compact_words(concept.code))
    display = fold(concept.display)
    if compact_code == wanted.compact:
        return 0
    if compact_code.startswith(wanted.compact):
        return 1
    if display == wanted.folded:
        return 2
    if display.startswith(wanted.folded):
        return 3
    texts = (concept.display, *synonyms)
    return 4 if any(_in_order(wanted.words, searchable_words(text)) for text in texts) else 5


def _in_order(beginnings: Sequence[str], words: Sequence[str]) -> bool:
    rest = iter(words)
    return all(any(word.startswith(beginning) for word in rest) for beginning in beginnings)

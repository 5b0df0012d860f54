"""How strings are spelled in the index: folded, and by their sound."""

from functools import lru_cache

from ehr.lib.text import fold

LONGEST = 256  # characters: what a B-tree entry holds; `:exact` compares the whole string beside it
READ = 4 * LONGEST  # characters of a text that are looked at

_SOUNDS = {
    letter: digit
    for digit, letters in {"1": "bfpv", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mn", "6": "r"}.items()
    for letter in letters
}


@lru_cache(maxsize=1 << 14)
def folded(text: str) -> str:
    """`text` without case, accents and surplus space, cut to LONGEST."""
    return fold(text[:READ])[:LONGEST]


def sounds(text: str) -> str:
    """The American Soundex (U.S. National Archives) of each word: "Robert Tymczak" is "r163 t522"."""
    return " ".join(map(_soundex, folded(text).split()))


def _soundex(word: str) -> str:
    code, last = word[0], _SOUNDS.get(word[0])
    for letter in word[1:]:
        sound = _SOUNDS.get(letter)
        if sound is not None and sound != last:
            code += sound
        if letter not in "hw":
            last = sound
    return code[:4].ljust(4, "0")


def within(context: int, text: str) -> str:
    """How the string half of a composite is spelled in the index, so that one prefix finds both halves."""
    return f"{context & 0xFFFF_FFFF_FFFF_FFFF:016x}{text}"

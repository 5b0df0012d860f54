"""Which names on one list could be taken for each other."""

from collections.abc import Sequence
from itertools import combinations

from rapidfuzz.distance import JaroWinkler, Levenshtein

from ehr.lib.text import fold

FAMILY_LIKENESS = 0.92
GIVEN_LIKENESS = 0.7


def alike(names: Sequence[str]) -> set[int]:
    """The places of names ("HARRIS, Joan") that have a similar name beside them: HARRIS, Joan and HARRIS, John."""
    folded = [fold(name).partition(", ")[::2] for name in names]
    pairs = [
        (one, other) for one, other in combinations(range(len(folded)), 2) if _are_alike(folded[one], folded[other])
    ]
    return {place for pair in pairs for place in pair}


def _are_alike(one: tuple[str, str], other: tuple[str, str]) -> bool:
    if JaroWinkler.similarity(one[0], other[0]) < FAMILY_LIKENESS:
        return False
    first, second = (given.split(" ")[0] for _, given in (one, other))
    shorter = min(len(first), len(second))
    return first[:shorter] == second[:shorter] or Levenshtein.normalized_similarity(first, second) >= GIVEN_LIKENESS

"""RxNorm: RXNCONSO.RRF of a full monthly release (RxNorm Technical Documentation, section 12.4).

Only RxNorm's own names (SAB=RXNORM) are read: they need no licence of another source.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from ehr.terminology.errors import UnreadableRelease
from ehr.terminology.releases import Release, ReleasedConcept
from ehr.terminology.sources.files import delimited, digest_of
from ehr.terminology.sources.scratch import Scratch
from ehr.terminology.systems import RXNORM

FIELDS = 19  # eighteen, each followed by a bar
RXCUI, LANGUAGE, SOURCE, TERM_TYPE, NAME, SUPPRESS = 0, 1, 11, 12, 14, 16
OTHER_NAMES = ("SY", "TMSY", "PSN", "ET")  # synonym, tall man, prescribable name, entry term


def rxnorm_release(path: Path, version: str) -> Release:
    """The concepts of RXNCONSO.RRF. Raises UnreadableRelease."""
    return Release(RXNORM.released(version), digest_of(path), _Names(path).concepts)


class _Names:
    """The names of RXNCONSO.RRF, brought together by concept once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def scratch(self) -> Scratch:
        """All that is needed of the file."""
        scratch = Scratch()
        scratch.add_terms(
            (row[RXCUI], row[TERM_TYPE] not in OTHER_NAMES, row[NAME], row[SUPPRESS] == "N")
            for row in self._own_names()
        )
        scratch.add_concepts((row[RXCUI], True) for row in self._own_names())
        return scratch

    def _own_names(self) -> Iterator[list[str]]:
        for number, row in enumerate(delimited(self.path, "|", FIELDS), 1):
            if row[SUPPRESS] not in ("N", "O", "Y", "E"):
                raise UnreadableRelease(
                    f"{self.path.name}, line {number}", f"{row[SUPPRESS]!r} is no value of SUPPRESS"
                )
            if row[SOURCE] == "RXNORM" and row[LANGUAGE] == "ENG":
                yield row

    def concepts(self) -> Iterator[ReleasedConcept]:
        """The concepts, suppressed ones as inactive."""
        for code, _ in self.scratch.concepts():
            terms = self.scratch.terms(code)
            names = sorted((not current, text) for main, text, current in terms if main)
            if not names:
                continue  # only synonyms of RxNorm's own: not a concept that RxNorm names
            suppressed, display = names[0]
            synonyms = tuple(text for main, text, _ in terms if not main)
            yield ReleasedConcept(code, display, synonyms, active=not suppressed)

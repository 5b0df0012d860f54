"""Where `:in`, `:not-in`, `:below` and `:above` learn which codes are meant: the terminologies kept here, then R4's."""

from collections.abc import Sequence

from ehr.fhir.definitions import definitions
from ehr.terminology import selectors
from ehr.terminology.errors import UnknownValueSet

Code = tuple[str, str]
"""System and code."""


def codes_in(url: str) -> Sequence[Code] | None:
    """The codes of a value set as it is kept here, else as R4 defines it; None when it is unknown.

    `url` is a canonical; ``|version`` behind it asks for that version of a value set kept here. Raises
    UnknownCodeSystem when the value set draws on a code system that is not loaded.
    """
    canonical, _, version = url.partition("|")
    try:
        return [(coding.system, coding.code) for coding in selectors.expand(canonical, version)]
    except UnknownValueSet:
        return _defined(canonical)


def codes_below(system: str, code: str) -> Sequence[Code] | None:
    """The code and all that it subsumes, None when it is not among what is loaded. Raises UnknownCodeSystem."""
    return [(system, one) for one in selectors.below(system, code)] or None


def codes_above(system: str, code: str) -> Sequence[Code] | None:
    """The code and all that subsume it, None when it is not among what is loaded. Raises UnknownCodeSystem."""
    return [(system, one) for one in selectors.above(system, code)] or None


def _defined(url: str) -> Sequence[Code] | None:
    value_set = definitions().value_sets.get(url)
    if value_set is None or not value_set.complete:
        return None
    return [(system, code) for system, codes in value_set.codes.items() for code in codes]

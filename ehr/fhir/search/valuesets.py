"""Where `:in` and `:not-in` learn which codes a value set holds."""

from collections.abc import Callable, Iterable, Sequence

from ehr.fhir.definitions import definitions

Expander = Callable[[str], Iterable[tuple[str, str]] | None]
"""Gives the (system, code) pairs of the value set with this canonical URL, None when it does not know it."""

_expanders: list[Expander] = []


def register_expander(expander: Expander) -> None:
    """Adds a source of value sets. Asked in the order in which they came."""
    _expanders.append(expander)


def codes_in(url: str) -> Sequence[tuple[str, str]] | None:
    """The (system, code) pairs of a value set as a source has it, else as R4 defines it; None when it is unknown."""
    for expander in _expanders:
        codes = expander(url)
        if codes is not None:
            return list(codes)
    defined = definitions().value_sets.get(url.partition("|")[0])
    if defined is None or not defined.complete:
        return None
    return [(system, code) for system, codes_of in defined.codes.items() for code in codes_of]

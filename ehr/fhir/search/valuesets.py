"""Where `:in` and `:not-in` learn which codes a value set holds."""

from collections.abc import Callable, Iterable, Sequence

Expander = Callable[[str], Iterable[tuple[str, str]] | None]
"""Gives the (system, code) pairs of the value set with this canonical URL, None when it does not know it."""

_expanders: list[Expander] = []


def register_expander(expander: Expander) -> None:
    """Adds a source of value sets. Asked in the order in which they came."""
    _expanders.append(expander)


def codes_in(url: str) -> Sequence[tuple[str, str]] | None:
    """The (system, code) pairs of a value set, None when no source knows it."""
    for expander in _expanders:
        codes = expander(url)
        if codes is not None:
            return list(codes)
    return None

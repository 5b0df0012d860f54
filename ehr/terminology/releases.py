"""A release of a code system as the loaders read it. Pure data."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from ehr.lib.text import compact_words, fold, searchable_words


@dataclass(frozen=True, slots=True)
class SystemIdentity:
    """What a code system is: FHIR CodeSystem's url, version, name, publisher, copyright and content.

    `copyright` is the notice that the publisher's licence asks for, word for word where it prescribes the words.
    """

    url: str
    name: str
    publisher: str
    copyright: str
    version: str = ""
    content: Literal["complete", "fragment"] = "complete"

    def released(self, version: str) -> "SystemIdentity":
        """The code system in this version, whole."""
        return replace(self, version=version)

    def in_part(self, version: str = "") -> "SystemIdentity":
        """Some of the code system's concepts."""
        return replace(self, version=version, content="fragment")


@lru_cache(maxsize=1 << 16)
def _searchable(chunk: str) -> tuple[str, ...]:
    """Its words. A code system says the same few tens of thousands of words over and over."""
    return tuple(searchable_words(chunk))


@dataclass(frozen=True, slots=True)
class ReleasedConcept:
    """One concept of a release."""

    code: str
    display: str
    synonyms: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    active: bool = True
    selectable: bool = True

    @property
    def compact_code(self) -> str:
        """The code as people type it: "e119" for E11.9."""
        return "".join(compact_words(self.code))

    @property
    def folded_display(self) -> str:
        """The display without case and accents."""
        return fold(self.display)

    @property
    def search_text(self) -> str:
        """The words under which the concept is found, each once, a space before and after each."""
        texts = (self.code, self.display, *self.synonyms)
        words = dict.fromkeys(word for text in texts for chunk in text.split() for word in _searchable(chunk))
        return f" {' '.join(words)} "


@dataclass(frozen=True, slots=True)
class Release:
    """A release to load. `digest` tells it from every other; `read` starts over and raises UnreadableRelease."""

    system: SystemIdentity
    digest: str
    read: Callable[[], Iterator[ReleasedConcept]] = field(repr=False)

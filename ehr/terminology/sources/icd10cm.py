"""ICD-10-CM as the package simple-icd-10-cm carries it: chapters, blocks, categories and codes, extensions included.

Source: ICD-10-CM tabular list and code list of the National Center for Health Statistics, which are read as they are
published: what the package itself makes of them takes ten times as long. A code that is divided further is a heading:
it may not stand on a claim (ICD-10-CM Official Guidelines, section I.B.2). Seventh characters and the placeholder X are
those of sections I.A.4 and I.A.5; which of the codes that they make exist, the code list says.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import files, version
from pathlib import Path
from xml.etree import ElementTree as ET

from ehr.terminology.errors import UnreadableRelease
from ehr.terminology.releases import Release, ReleasedConcept
from ehr.terminology.systems import ICD_10_CM

PACKAGE = "simple_icd_10_cm"
TABULAR = "icd10c-tabular-"
CODES = "code-list-"
DIVISIONS = ("section", "diag")
STEM = 7  # characters before the seventh, the dot among them


def icd10cm_release() -> Release:
    """The release that the installed package carries."""
    edition = _file(TABULAR).stem.removeprefix(TABULAR)  # "April-1-2026"
    concepts = cache(_shortest_first)  # read once, for the check and for the load
    return Release(ICD_10_CM.released(edition), f"{PACKAGE} {version(PACKAGE)}", lambda: iter(concepts()))


def _file(beginning: str) -> Path:
    found = [file for file in files(PACKAGE) or () if file.name.startswith(beginning)]
    if len(found) != 1:
        raise UnreadableRelease(PACKAGE, f"it carries {len(found)} files that begin with {beginning}, not one")
    return Path(str(found[0].locate()))


def _shortest_first() -> list[ReleasedConcept]:
    """The order in which a search for common words walks them: stored so, they stand side by side."""
    return sorted(_as_listed(), key=lambda concept: len(concept.display))


def _as_listed() -> Iterator[ReleasedConcept]:
    lines = _file(CODES).read_text(encoding="utf-8").splitlines()
    codes = frozenset(f"{code[:3]}.{code[3:]}" for line in lines if (code := line.partition(" ")[0].replace(".", "")))
    for _, element in ET.iterparse(_file(TABULAR)):  # noqa: S314 - a file of a package that is locked by its hash
        if element.tag == "chapter":
            yield from _within(element, "", (), codes)
            element.clear()


def _within(
    element: ET.Element, parent: str, sevenths: Sequence["Seventh"], codes: Container[str]
) -> Iterator[ReleasedConcept]:
    """The concept of an element and all below it. `sevenths` are the seventh characters that those above define."""
    code = element.get("id") or _text(element, "name")
    children = [child for child in element if child.tag in DIVISIONS]
    sevenths = _sevenths(element) or sevenths
    if len(children) == 1 and _text(children[0], "name") == code:
        # A block of one category has its code: they are one concept, below the chapter.
        yield from _within(children[0], parent, sevenths, codes)
        return
    display = _text(element, "desc")
    extended = [] if children else [concept for one in sevenths if (concept := one.of(code, display)).code in codes]
    yield ReleasedConcept(
        code=code,
        display=display,
        synonyms=tuple(note.text for note in element.iterfind("inclusionTerm/note") if note.text),
        parents=(parent,) if parent else (),
        selectable=not children and not extended,
    )
    yield from extended
    for child in children:
        yield from _within(child, code, sevenths, codes)


@dataclass(slots=True)
class Seventh:
    """A seventh character, what it means, and what else it is said to mean."""

    character: str
    meaning: str
    notes: list[str]

    def of(self, code: str, display: str) -> ReleasedConcept:
        """The code extended by it: S52.501 by A gives S52.501A, T07 gives T07.XXXA."""
        stem = (f"{code}." if len(code) == 3 else code).ljust(STEM, "X")
        synonyms = tuple(f"{display}, {note}" for note in self.notes)
        return ReleasedConcept(stem + self.character, f"{display}, {self.meaning}", synonyms, (code,))


def _sevenths(element: ET.Element) -> list[Seventh]:
    """In the tabular list a note belongs to the extension before it."""
    found: list[Seventh] = []
    for one in element.iterfind("sevenChrDef/*"):
        text = (one.text or "").strip()
        if one.tag == "extension":
            found.append(Seventh(one.attrib["char"], text, []))
        elif found and text:
            found[-1].notes.append(text)
    return found


def _text(element: ET.Element, name: str) -> str:
    return element.findtext(name) or ""

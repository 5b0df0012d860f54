"""ICD-10-CM as the package simple-icd-10-cm carries it: chapters, blocks, categories and codes, extensions included.

Source: ICD-10-CM tabular list of the National Center for Health Statistics. A code that is divided further is a
heading: it may not stand on a claim (ICD-10-CM Official Guidelines, section I.B.2).
"""

import warnings
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import files, version
from typing import Any

from ehr.terminology.errors import UnreadableRelease
from ehr.terminology.releases import Release, ReleasedConcept
from ehr.terminology.systems import ICD_10_CM

PACKAGE = "simple_icd_10_cm"
TABULAR = "icd10c-tabular-"


def icd10cm_release() -> Release:
    """The release that the installed package carries."""
    return Release(ICD_10_CM.released(_edition()), f"{PACKAGE} {version(PACKAGE)}", _concepts)


def _edition() -> str:
    """ "April-1-2026", by the name of the tabular list's file."""
    names = [file.name for file in files(PACKAGE) or () if file.name.startswith(TABULAR)]
    if len(names) != 1:
        raise UnreadableRelease(PACKAGE, f"it carries {len(names)} tabular lists, not one")
    return names[0].removeprefix(TABULAR).removesuffix(".xml")


def _package() -> Any:
    """The package, imported when asked for: it reads its whole list, which takes seconds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it reads its data in the manner of older Pythons
        return import_module(PACKAGE)


def _concepts() -> Iterator[ReleasedConcept]:
    package = _package()
    for code in dict.fromkeys(package.get_all_codes()):
        parent = package.get_parent(code)
        if parent == code:  # a block of one category has its code: they are one concept, below the chapter
            parent = package.get_parent(code, prioritize_blocks=True)
        yield ReleasedConcept(
            code=code,
            display=package.get_description(code),
            synonyms=tuple(package.get_inclusion_term(code)),
            parents=(parent,) if parent else (),
            selectable=package.is_leaf(code),
        )

"""ICD-10-CM as it is installed: what is in it, and how it is found."""

import pytest

from ehr.access.permissions import operator
from ehr.terminology.loading import load_release
from ehr.terminology.selectors import lookup, search_codes, validate_code
from ehr.terminology.sources.icd10cm import icd10cm_release

pytestmark = pytest.mark.usefixtures("db")


def test_all_of_it() -> None:
    release = icd10cm_release()
    report = load_release(actor=operator("test"), release=release)
    assert (report.read, report.stored) == (98_466, 98_466)
    url = release.system.url
    assert [concept.code for concept in search_codes(url, "acut kid inj")] == ["N17.9"]
    assert [concept.code for concept in search_codes(url, "e11 9", 1)] == ["E11.9"]
    assert (validate_code(url, "N17.9"), validate_code(url, "N17"), validate_code(url, "N17.99")) == (
        "valid",
        "heading",
        "unknown code",
    )
    details = lookup(url, "N17")
    assert details is not None
    assert details.parents == ("N17-N19",)
    assert details.children == ("N17.0", "N17.1", "N17.2", "N17.8", "N17.9")


def test_seventh_characters_make_codes_of_their_own() -> None:
    concepts = {concept.code: concept for concept in icd10cm_release().read()}
    torus = concepts["S52.521A"]
    assert (torus.display, torus.parents, torus.selectable) == (
        "Torus fracture of lower end of right radius, initial encounter for closed fracture",
        ("S52.521",),
        True,
    )
    assert (concepts["S52.521"].selectable, concepts["T07.XXXA"].parents) == (False, ("T07",))
    stable = concepts["H34.8112"]
    assert (stable.display, stable.synonyms) == (
        "Central retinal vein occlusion, right eye, stable",
        ("Central retinal vein occlusion, right eye, Old central retinal vein occlusion",),
    )
    assert (concepts["B99"].parents, concepts["B99"].display) == (("1",), "Other and unspecified infectious diseases")


def test_the_shortest_are_stored_first() -> None:
    lengths = [len(concept.display) for concept in icd10cm_release().read()]
    assert lengths == sorted(lengths)

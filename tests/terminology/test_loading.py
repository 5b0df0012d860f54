"""Loading a release: whole or not at all, again without a change, newer over older."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connections

from ehr.access.permissions import operator
from ehr.audit.actors import Actor
from ehr.audit.errors import Refused
from ehr.audit.models import AuditEvent
from ehr.lib.tenancy import use_tenant
from ehr.terminology.actions import begin_release, finish_release, store_concepts
from ehr.terminology.errors import LoadSuperseded, UnreadableRelease
from ehr.terminology.loading import check_release, load_release
from ehr.terminology.models import CodeSystem, Concept
from ehr.terminology.releases import Release, ReleasedConcept
from tests.terminology.releases import BLUE, COLOURS, PINK, RED, SALMON, URL, release

OPERATOR = operator("test")
pytestmark = pytest.mark.usefixtures("db")


def stored() -> dict[str, tuple[str, str]]:
    return {concept.code: (concept.display, concept.status) for concept in Concept.objects.order_by("code")}


def test_a_release_is_stored_with_its_licence_and_version() -> None:
    report = load_release(actor=OPERATOR, release=release(RED, PINK))
    system = CodeSystem.objects.get(url=URL)
    assert report.line() == "Colours 1: 2 concepts, 2 new, 0 changed, 0 unchanged, 0 made inactive"
    assert (system.version, system.copyright, system.status, system.loaded_by) == ("1", "Free", "active", OPERATOR.id)
    assert system.loaded_at is not None
    assert stored() == {"R": ("Red", "active"), "R.1": ("Pink", "active")}


def test_a_concept_is_stored_whole() -> None:
    load_release(actor=OPERATOR, release=release(RED, PINK))
    pink, red = Concept.objects.get(code="R.1"), Concept.objects.get(code="R")
    assert (pink.synonyms, pink.parents, pink.selectable, red.selectable) == (["Rosé"], ["R"], True, False)
    assert (pink.compact_code, pink.folded_display, pink.search_text) == ("r1", "pink", " r1 r 1 pink rose ")


def test_loading_again_changes_nothing() -> None:
    load_release(actor=OPERATOR, release=release(RED, PINK))
    before = list(Concept.objects.order_by("id").values())
    report = load_release(actor=OPERATOR, release=release(RED, PINK))
    assert report.line() == "Colours 1: 2 concepts, loaded before"
    assert list(Concept.objects.order_by("id").values()) == before


def test_a_newer_release_changes_adds_and_retires() -> None:
    load_release(actor=OPERATOR, release=release(RED, PINK, BLUE))
    report = load_release(actor=OPERATOR, release=release(RED, replace(PINK, display="Rose"), SALMON, digest="2"))
    assert report.line() == "Colours 2: 3 concepts, 1 new, 1 changed, 1 unchanged, 1 made inactive"
    assert stored() == {
        "B": ("Blue", "inactive"),
        "R": ("Red", "active"),
        "R.1": ("Rose", "active"),
        "R.11": ("Salmon", "active"),
    }


def test_an_interrupted_load_goes_on() -> None:
    edition = begin_release(actor=OPERATOR, system=COLOURS.released("1"), digest="1")
    store_concepts(actor=OPERATOR, edition=edition, concepts=[RED])
    report = load_release(actor=OPERATOR, release=release(RED, PINK))
    assert report.line() == "Colours 1: 2 concepts, 1 new, 0 changed, 1 unchanged, 0 made inactive"
    assert CodeSystem.objects.get(url=URL).edition == edition.number


def test_a_part_takes_nothing_from_the_whole() -> None:
    load_release(actor=OPERATOR, release=release(RED, PINK))
    report = load_release(actor=OPERATOR, release=release(replace(RED, display="Ruby"), digest="part", part=True))
    assert report.settled
    assert stored() == {"R": ("Red", "active"), "R.1": ("Pink", "active")}


def test_a_newer_part_retires_nothing() -> None:
    load_release(actor=OPERATOR, release=release(RED, BLUE, part=True))
    load_release(actor=OPERATOR, release=release(RED, digest="2", part=True))
    assert stored() == {"B": ("Blue", "active"), "R": ("Red", "active")}


def test_the_whole_takes_the_place_of_a_part() -> None:
    load_release(actor=OPERATOR, release=release(RED, BLUE, part=True))
    load_release(actor=OPERATOR, release=release(RED, digest="2"))
    assert stored() == {"B": ("Blue", "inactive"), "R": ("Red", "active")}


def broken() -> Iterator[ReleasedConcept]:
    yield RED
    raise UnreadableRelease("colours.txt, line 2", "it has 3 fields, not 4")


@pytest.mark.parametrize(
    ("unreadable", "message"),
    [
        (Release(COLOURS, "1", broken), "colours.txt, line 2: it has 3 fields, not 4"),
        (release(RED, RED), "Colours: code 'R': occurs twice"),
        (release(replace(RED, display=" ")), "Colours: code 'R': it has no display"),
        (release(replace(RED, code=" R")), "Colours: code ' R': a code has no space around it and is not empty"),
        (release(replace(RED, synonyms=("a\0",))), "Colours: code 'R': it holds a null character"),
        (release(), "Colours: it holds no concept"),
    ],
)
def test_what_cannot_be_read_stores_nothing(unreadable: Release, message: str) -> None:
    with pytest.raises(UnreadableRelease) as caught:
        load_release(actor=OPERATOR, release=unreadable)
    assert str(caught.value) == message
    assert (CodeSystem.objects.count(), Concept.objects.count()) == (0, 0)


def test_a_dry_run_stores_nothing() -> None:
    assert check_release(release(RED, PINK)).line() == "Colours 1: 2 concepts can be read; nothing was stored"
    assert CodeSystem.objects.count() == 0


def test_a_superseded_load_is_stopped() -> None:
    first = begin_release(actor=OPERATOR, system=COLOURS.released("1"), digest="1")
    begin_release(actor=OPERATOR, system=COLOURS.released("2"), digest="2")
    with pytest.raises(LoadSuperseded):
        store_concepts(actor=OPERATOR, edition=first, concepts=[RED])
    with pytest.raises(LoadSuperseded):
        finish_release(actor=OPERATOR, edition=first)
    assert Concept.objects.count() == 0


def test_whoever_may_not_change_code_systems_is_refused() -> None:
    reader = Actor("user", "1", "Reader", frozenset({"CodeSystem.r", "CodeSystem.s"}))
    with pytest.raises(Refused):
        load_release(actor=reader, release=release(RED))
    assert CodeSystem.objects.count() == 0
    assert AuditEvent.objects.filter(outcome="refused", action="terminology.release.begin").count() == 1
    load_release(actor=OPERATOR, release=release(RED))
    assert stored() == {"R": ("Red", "active")}


def test_every_step_is_audited() -> None:
    load_release(actor=OPERATOR, release=release(RED, PINK))
    rows = AuditEvent.objects.filter(action__startswith="terminology.").order_by("id").values_list("action", "detail")
    edition = CodeSystem.objects.get(url=URL)
    assert list(rows) == [
        ("terminology.release.begin", {"system": URL, "version": "1", "edition": 1, "settled": False}),
        ("terminology.release.store", {"system": edition.id, "edition": 1, "read": 2, "stored": 2, "changed": 0}),
        ("terminology.release.finish", {"system": URL, "edition": 1, "retired": 0}),
    ]


def test_two_loads_at_once_end_as_one(committed: dict[str, str]) -> None:
    concepts = [ReleasedConcept(f"C{number:05}", f"Colour {number}") for number in range(6_000)]

    def load(_: int) -> int:
        with use_tenant("general"):
            try:
                return load_release(actor=OPERATOR, release=release(*concepts)).stored
            finally:
                connections["general"].close()

    with ThreadPoolExecutor(2) as pool:
        new = list(pool.map(load, range(2)))
    assert sum(new) == len(concepts)
    assert Concept.objects.filter(status="active").count() == len(concepts)
    assert CodeSystem.objects.get(url=URL).loaded_at is not None

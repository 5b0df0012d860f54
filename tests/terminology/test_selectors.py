"""Search, look-up, validation and expansion."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from ehr.access.permissions import operator
from ehr.audit.actors import Actor
from ehr.audit.errors import Refused
from ehr.terminology.actions import define_value_set
from ehr.terminology.errors import UnknownCodeSystem, UnknownValueSet, UnsupportedCompose
from ehr.terminology.loading import load_release
from ehr.terminology.releases import Release, ReleasedConcept
from ehr.terminology.selectors import above, below, expand, lookup, search_codes, validate_code
from ehr.terminology.systems import ICD_10_CM
from tests.terminology.releases import BLUE, PINK, RED, SALMON, URL, release

OPERATOR = operator("test")
QueryCount = Callable[[int], AbstractContextManager[list[str]]]
pytestmark = pytest.mark.usefixtures("db")

DIAGNOSES = [
    ReleasedConcept("E11", "Type 2 diabetes mellitus", selectable=False),
    ReleasedConcept("E11.9", "Type 2 diabetes mellitus without complications", parents=("E11",)),
    ReleasedConcept("E11.65", "Type 2 diabetes mellitus with hyperglycemia", parents=("E11",)),
    ReleasedConcept("N17", "Acute kidney failure", selectable=False),
    ReleasedConcept("N17.9", "Acute kidney failure, unspecified", ("Acute kidney injury (nontraumatic)",), ("N17",)),
    ReleasedConcept("S37.0", "Injury of kidney", selectable=False),
    ReleasedConcept("S37.02", "Major contusion of kidney", ("Kidney injury, acute",)),
    ReleasedConcept("M54.5", "Low back pain", active=False),
    ReleasedConcept("M54.50", "Low back pain, unspecified"),
    ReleasedConcept("R52", "Pain, unspecified"),
    ReleasedConcept("H93.1", "Ménière's disease"),
]


@pytest.fixture
def diagnoses() -> str:
    load_release(actor=OPERATOR, release=Release(ICD_10_CM.released("test"), "test", lambda: iter(DIAGNOSES)))
    return ICD_10_CM.url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E11.9", ["E11.9"]),
        ("e11 9", ["E11.9"]),
        ("e119", ["E11.9"]),
        ("e11", ["E11", "E11.65", "E11.9"]),
        ("acut kid inj", ["N17.9", "S37.02"]),
        ("kidney", ["S37.0", "N17", "S37.02", "N17.9"]),
        ("injury kid", ["S37.0", "S37.02", "N17.9"]),
        ("type 2 diab", ["E11", "E11.65", "E11.9"]),
        ("low back", ["M54.50"]),
        ("pain", ["R52", "M54.50"]),
        ("MENIERE", ["H93.1"]),
        ("ménière's", ["H93.1"]),
        ("kidney zebra", []),
        ("", []),
        ("' | 'pain", ["R52", "M54.50"]),
        ("%", []),
        ("\\", []),
    ],
)
def test_finds_in_this_order(diagnoses: str, text: str, expected: list[str]) -> None:
    assert [concept.code for concept in search_codes(diagnoses, text)] == expected


def test_inactive_codes_are_found_when_asked_for(diagnoses: str) -> None:
    found = search_codes(diagnoses, "low back", inactive=True)
    assert [(concept.code, concept.active) for concept in found] == [("M54.50", True), ("M54.5", False)]


def test_headings_are_left_out_when_asked(diagnoses: str) -> None:
    assert [concept.code for concept in search_codes(diagnoses, "e11", headings=False)] == ["E11.65", "E11.9"]


def test_shows_as_many_as_wanted(diagnoses: str) -> None:
    assert [concept.code for concept in search_codes(diagnoses, "kidney", 2)] == ["S37.0", "N17"]


def test_searches_one_code_system(diagnoses: str) -> None:
    assert search_codes("http://loinc.org", "kidney") == []


def test_search_is_one_statement(diagnoses: str, query_count: QueryCount) -> None:
    with query_count(1):
        search_codes(diagnoses, "kidney")


def test_lookup_tells_all(diagnoses: str) -> None:
    details = lookup(diagnoses, "E11")
    assert details is not None
    assert (details.concept.display, details.concept.selectable) == ("Type 2 diabetes mellitus", False)
    assert (details.parents, details.children) == ((), ("E11.65", "E11.9"))
    assert (details.name, details.version, details.copyright) == ("ICD-10-CM", "test", ICD_10_CM.copyright)


def test_lookup_of_an_unknown_code_and_system(diagnoses: str) -> None:
    assert lookup(diagnoses, "Q99") is None
    with pytest.raises(UnknownCodeSystem):
        lookup("http://example.org/none", "Q99")


@pytest.mark.parametrize(
    ("code", "expected"),
    [("E11.9", "valid"), ("E11", "heading"), ("M54.5", "inactive"), ("e11.9", "unknown code"), ("", "unknown code")],
)
def test_validates_codes(diagnoses: str, code: str, expected: str) -> None:
    assert validate_code(diagnoses, code) == expected


def test_a_code_outside_a_part_is_not_checked() -> None:
    load_release(actor=OPERATOR, release=release(BLUE, part=True))
    assert (validate_code(URL, "B"), validate_code(URL, "G")) == ("valid", "not checked")


@pytest.mark.parametrize(("code", "expected"), [("mg/dL", "valid"), ("{beats}/min", "valid"), ("mgg", "unknown code")])
def test_units_are_judged_by_their_grammar(code: str, expected: str) -> None:
    assert validate_code("http://unitsofmeasure.org", code) == expected


def test_validating_against_a_system_that_is_not_loaded() -> None:
    with pytest.raises(UnknownCodeSystem):
        validate_code(URL, "B")


VALUE_SET = "http://example.org/chosen"


@pytest.mark.parametrize(
    ("compose", "expected"),
    [
        ({"include": [{"system": URL}]}, ["B", "R", "R.1", "R.11"]),
        ({"include": [{"system": URL, "concept": [{"code": "R.11"}, {"code": "B"}, {"code": "X"}]}]}, ["B", "R.11"]),
        ({"include": [{"system": URL, "filter": [{"property": "concept", "op": "is-a", "value": "R"}]}]},
         ["R", "R.1", "R.11"]),
        ({"include": [{"system": URL, "filter": [{"property": "concept", "op": "descendent-of", "value": "R"}]}]},
         ["R.1", "R.11"]),
        ({"include": [{"system": URL}], "exclude": [{"system": URL, "concept": [{"code": "B"}]}]},
         ["R", "R.1", "R.11"]),
    ],
)  # fmt: skip
def test_expands(compose: dict[str, object], expected: list[str]) -> None:
    load_release(actor=OPERATOR, release=release(RED, PINK, SALMON, BLUE))
    define_value_set(actor=OPERATOR, url=VALUE_SET, name="Chosen", compose=compose)
    assert [(coding.system, coding.code) for coding in expand(VALUE_SET)] == [(URL, code) for code in expected]


@pytest.mark.parametrize(
    ("compose", "message"),
    [
        ({}, "compose.include is empty"),
        ({"include": [{"valueSet": ["x"]}]}, "include.valueSet is not understood here"),
        ({"include": [{"concept": []}]}, "include.system is missing"),
        ({"include": [{"system": URL, "concept": [{}]}]}, "include.concept.code is missing"),
        ({"include": [{"system": URL, "filter": [{"property": "x", "op": "=", "value": "y"}]}]},
         "include.filter: only concept is-a and concept descendent-of are understood"),
    ],
)  # fmt: skip
def test_a_rule_that_is_not_understood_is_refused(compose: dict[str, object], message: str) -> None:
    with pytest.raises(UnsupportedCompose) as caught:
        define_value_set(actor=OPERATOR, url=VALUE_SET, name="Chosen", compose=compose)
    assert str(caught.value) == message
    with pytest.raises(UnknownValueSet):
        expand(VALUE_SET)


def test_half_an_expansion_is_none() -> None:
    define_value_set(actor=OPERATOR, url=VALUE_SET, name="Chosen", compose={"include": [{"system": URL}]})
    with pytest.raises(UnknownCodeSystem):
        expand(VALUE_SET)


def test_whoever_may_not_define_value_sets_is_refused() -> None:
    compose = {"include": [{"system": URL}]}
    with pytest.raises(Refused):
        define_value_set(actor=Actor("user", "1", "Reader"), url=VALUE_SET, name="Chosen", compose=compose)
    with pytest.raises(UnknownValueSet):
        expand(VALUE_SET)


def test_subsumption_walks_the_whole_hierarchy() -> None:
    load_release(actor=OPERATOR, release=release(RED, PINK, SALMON, BLUE))
    assert (below(URL, "R"), above(URL, "R.11")) == (["R", "R.1", "R.11"], ["R", "R.1", "R.11"])
    assert (below(URL, "B"), above(URL, "B")) == (["B"], ["B"])
    assert (below(URL, "G"), above(URL, "G")) == ([], [])


@pytest.mark.parametrize("walk", [above, below])
def test_subsumption_in_a_code_system_that_is_not_loaded(walk: Callable[[str, str], list[str]]) -> None:
    with pytest.raises(UnknownCodeSystem):
        walk(URL, "R")

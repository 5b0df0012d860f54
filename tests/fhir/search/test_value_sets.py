"""`:in`, `:not-in`, `:below` and `:above` over HTTP, answered from the terminologies that are kept here."""

from urllib.parse import quote

import pytest

from ehr.access.permissions import operator
from ehr.fhir.search import criteria
from ehr.terminology.actions import define_value_set
from ehr.terminology.loading import load_release
from ehr.terminology.releases import ReleasedConcept
from tests.plumbing.fhir_client import Answer, FHIRClient
from tests.terminology.releases import BLUE, PINK, RED, SALMON, URL, release

OPERATOR = operator("test")
REDDISH = "http://example.org/vs/reddish"
RETIRED = ReleasedConcept("R.2", "Madder", (), ("R",), active=False)

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def observations(fhir: FHIRClient) -> None:
    """An observation of each colour, its id the code, and one in words only."""
    load_release(actor=OPERATOR, release=release(RED, PINK, SALMON, BLUE, RETIRED))
    compose = {"include": [{"system": URL, "filter": [{"property": "concept", "op": "is-a", "value": "R.1"}]}]}
    define_value_set(actor=OPERATOR, url=REDDISH, name="Reddish", version="2", compose=compose)
    for code in ("R", "R.1", "R.11", "R.2", "B"):
        put(fhir, code, {"coding": [{"system": URL, "code": code}]})
    put(fhir, "words", {"text": "reddish"})


def put(fhir: FHIRClient, id_: str, code: dict[str, object]) -> None:
    observation = {"resourceType": "Observation", "id": id_, "status": "final", "code": code}
    assert fhir.put(f"Observation/{id_}", observation).status == 201


def asked(fhir: FHIRClient, parameter: str, value: str) -> Answer:
    return fhir.get(f"Observation?{parameter}={quote(value)}")


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ("code:in", REDDISH, "R.1 R.11"),
        ("code:in", f"{REDDISH}|2", "R.1 R.11"),
        ("code:not-in", REDDISH, "R R.2 B words"),
        ("code:below", f"{URL}|R", "R R.1 R.11 R.2"),
        ("code:below", f"{URL}|R.1", "R.1 R.11"),
        ("code:below", f"{URL}|R.11,{URL}|B", "R.11 B"),
        ("code:above", f"{URL}|R.11", "R R.1 R.11"),
        ("code:above", f"{URL}|R", "R"),
        ("status:in", "http://hl7.org/fhir/ValueSet/observation-status", "R R.1 R.11 R.2 B words"),
        ("status:not-in", "http://hl7.org/fhir/ValueSet/observation-status|4.0.1", ""),
    ],
)
def test_finds(fhir: FHIRClient, parameter: str, value: str, expected: str) -> None:
    answer = asked(fhir, parameter, value)
    assert [entry["resource"]["id"] for entry in answer.resource.get("entry", [])] == expected.split()


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("code:in", "http://example.org/vs/unheard-of"),
        ("code:in", f"{REDDISH}|1"),
        ("code:below", f"{URL}|G"),
        ("code:below", "http://example.org/unloaded|R"),
        ("code:below", "R"),
        ("code:above", f"{URL}|"),
    ],
)
def test_refuses_codes_that_nobody_here_knows(fhir: FHIRClient, parameter: str, value: str) -> None:
    answer = asked(fhir, parameter, value)
    assert (answer.status, answer.issues) == (400, [("error", "value", [parameter])])


def test_refuses_a_value_set_whose_code_system_is_not_loaded(fhir: FHIRClient) -> None:
    url = "http://example.org/vs/sounds"
    compose = {"include": [{"system": "http://example.org/sounds"}]}
    define_value_set(actor=OPERATOR, url=url, name="Sounds", compose=compose)
    answer = asked(fhir, "code:in", url)
    assert (answer.status, answer.issues) == (400, [("error", "value", ["code:in"])])


def test_refuses_more_codes_than_one_search_can_ask_for(fhir: FHIRClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(criteria, "MOST_CODES", 3)
    assert asked(fhir, "code:above", f"{URL}|R.11").status == 200
    answer = asked(fhir, "code:below", f"{URL}|R")
    assert (answer.status, answer.issues) == (400, [("error", "too-costly", ["code:below"])])


def test_an_identifier_has_no_hierarchy(fhir: FHIRClient) -> None:
    answer = asked(fhir, "identifier:below", f"{URL}|R")
    assert (answer.status, answer.issues) == (400, [("error", "not-supported", ["identifier:below"])])

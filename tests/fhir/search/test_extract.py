"""What a resource is indexed under."""

import bz2
import gzip
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ehr.fhir.definitions import definitions, resource_types
from ehr.fhir.fhirpath import compile_expression
from ehr.fhir.search.extract import extractor, literal_references
from ehr.fhir.search.parameters import parameters_of
from ehr.fhir.search.paths import NotPlain, Place, places
from ehr.fhir.search.strings import folded, sounds
from ehr.fhir.search.terms import ancestors, compartment_term, param_id, present_term, term
from ehr.lib import json
from ehr.lib.dates import EARLIEST, LATEST, interval
from ehr.lib.tenancy import raw_cursor

SYNTHEA = Path(__file__).resolve().parents[4] / "shared" / "inputs" / "synthea"
EACH = 15


def index(resource: dict[str, Any], **keys: int) -> Any:
    return extractor().index(resource, {name.replace("_", "/", 1): key for name, key in keys.items()})


def test_a_term_is_the_first_eight_bytes_of_a_sha256() -> None:
    # printf Patient.gender=male | sha256sum, printf Patient.name | sha256sum
    assert term("Patient", "gender", "male") == 0x793EC8EE8B1EF6D5
    assert param_id("Patient", "name") == 0x0DB901D0 >> 1
    assert -(2**63) <= term("a", "b", "c") < 2**63


@pytest.mark.usefixtures("db")
def test_sql_computes_the_same_term() -> None:
    text = "Patient.name=Müller | 王"
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT ('x' || left(encode(sha256(convert_to(%s, 'UTF8')), 'hex'), 16))::bit(64)::bigint", [text]
        )
        assert cursor.fetchone() == (term("Patient", "name", "Müller | 王"),)


def test_parameter_numbers_are_positive_and_unique() -> None:
    numbers = defaultdict(set)
    for type_ in resource_types():
        for code in parameters_of(type_):
            numbers[param_id(type_, code)].add((type_, code))
    assert all(number > 0 for number in numbers)
    assert [names for names in numbers.values() if len(names) > 1] == []


def test_the_entries_of_an_observation() -> None:
    entries = index(
        {
            "resourceType": "Observation",
            "id": "o1",
            "status": "final",
            "code": {
                "coding": [{"system": "http://loinc.org", "code": "29463-7", "display": "Weight"}],
                "text": "Weight",
            },
            "subject": {"reference": "Patient/p1"},
            "effectivePeriod": {"start": "2020-02"},
            "valueQuantity": {
                "value": Decimal("70.5"),
                "unit": "kilo",
                "system": "http://unitsofmeasure.org",
                "code": "kg",
            },
        },
        Patient_p1=7,
    )
    # fmt: off
    terms = {
        term("Observation", code, value)
        for code, values in {
            "status": ["final", "|final", "http://hl7.org/fhir/observation-status|final", "http://hl7.org/fhir/observation-status|"],
            "code": ["29463-7", "http://loinc.org|29463-7", "http://loinc.org|"],
            "combo-code": ["29463-7", "http://loinc.org|29463-7", "http://loinc.org|"],
            "subject": ["Patient/p1", "p1"],
            "patient": ["Patient/p1", "p1"],
        }.items()
        for value in values
    }
    # fmt: on
    terms |= {present_term("Observation", code) for code in ("status", "code", "combo-code", "subject", "patient")}
    assert set(entries.tokens) == terms | {compartment_term("Patient/p1")}
    assert entries.tokens == sorted(set(entries.tokens))
    assert sorted(entries.strings) == sorted(
        (-param_id("Observation", code), "weight", "Weight") for code in ("code", "combo-code")
    )
    february = interval("2020-02")
    assert february is not None
    assert entries.dates == [(param_id("Observation", "date"), february.low, LATEST, None)]
    grams = (Decimal(70500), Decimal(70500), "g")
    stated = [("kg", "http://unitsofmeasure.org", *grams), ("kilo", None, None, None, None)]
    context = [
        term("Observation", "code-value-quantity", v)
        for v in ("29463-7", "http://loinc.org|29463-7", "http://loinc.org|")
    ]
    combo = [
        term("Observation", "combo-code-value-quantity", v)
        for v in ("29463-7", "http://loinc.org|29463-7", "http://loinc.org|")
    ]
    assert sorted(entries.quantities, key=repr) == sorted(
        (
            (param_id("Observation", code), Decimal("70.5"), Decimal("70.5"), *unit, beside)
            for code, beside in {
                "value-quantity": None,
                "combo-value-quantity": None,
                "code-value-quantity": context,
                "combo-code-value-quantity": combo,
            }.items()
            for unit in stated
        ),
        key=repr,
    )
    assert sorted(entries.references) == sorted(
        (param, 7) for param in (0, param_id("Observation", "subject"), param_id("Observation", "patient"))
    )
    assert entries.patient_id == "p1"


def test_the_resource_is_left_as_it_is_and_gives_the_same_entries_again() -> None:
    resource = {
        "resourceType": "Patient",
        "id": "p",
        "name": [{"family": "X", "given": ["Y", "Z"]}],
        "birthDate": "1970",
    }
    before = json.encode(resource)
    assert index(resource) == index(resource)
    assert json.encode(resource) == before


PATIENTS = [
    ({"resourceType": "Patient", "id": "p1"}, {}, "p1"),
    (
        {"resourceType": "Patient", "id": "p1", "link": [{"other": {"reference": "Patient/p2"}}]},
        {"Patient_p2": 2},
        "p1",
    ),
    ({"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/p2"}}, {"Patient_p2": 2}, "p2"),
    ({"resourceType": "Observation", "id": "o", "subject": {"reference": "Group/g"}}, {"Group_g": 2}, None),
    (
        {
            "resourceType": "Observation",
            "id": "o",
            "performer": [{"reference": "Patient/mother"}],
            "subject": {"reference": "Patient/child"},
        },
        {"Patient_mother": 1, "Patient_child": 2},
        "child",
    ),
    ({"resourceType": "Organization", "id": "o"}, {}, None),
    ({"resourceType": "Observation", "id": "o", "focus": [{"reference": "Patient/p2"}]}, {"Patient_p2": 2}, None),
]


@pytest.mark.parametrize(("resource", "keys", "patient"), PATIENTS)
def test_whom_a_resource_concerns(resource: dict[str, Any], keys: dict[str, int], patient: str | None) -> None:
    assert index(resource, **keys).patient_id == patient


DATES = [
    ({"occurrenceDateTime": "2020"}, ("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z")),
    (
        {"occurrencePeriod": {"start": "2020-01-02T03:04:05+01:00", "end": "2020-01-03"}},
        ("2020-01-02T02:04:05Z", "2020-01-04T00:00:00Z"),
    ),
    ({"occurrencePeriod": {"end": "2020-01-03"}}, (None, "2020-01-04T00:00:00Z")),
    ({"occurrencePeriod": {}}, "nothing"),
    ({"occurrenceTiming": {"event": ["2020-05-02", "2020-05-01"]}}, ("2020-05-01T00:00:00Z", "2020-05-03T00:00:00Z")),
    ({"occurrenceTiming": {"repeat": {"boundsPeriod": {"start": "2020"}}}}, ("2020-01-01T00:00:00Z", None)),
    ({"occurrenceTiming": {"repeat": {"frequency": 1}}}, "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("occurrence", "expected"), DATES)
def test_dates_of_every_type(occurrence: dict[str, Any], expected: Any) -> None:
    entries = index({"resourceType": "ServiceRequest", "id": "s", **occurrence})
    if expected == "nothing":
        assert entries.dates == []
        return
    low, high = (interval(text) if text else None for text in expected)
    [(param, *span, _)] = entries.dates
    assert param == param_id("ServiceRequest", "occurrence")
    assert span == [low.low if low else EARLIEST, high.low if high else LATEST]


REFERENCES = [
    ({"reference": "Patient/1"}, {"Patient/1"}),
    ({"reference": "Patient/1/_history/3"}, {"Patient/1"}),
    ({"reference": "https://ehr.example/fhir/R4/Patient/1"}, {"Patient/1"}),
    ({"reference": "https://ehr.example/fhir/R4/Patient/1/_history/2"}, {"Patient/1"}),
    ({"reference": "https://other.example/fhir/R4/Patient/1"}, set()),
    ({"reference": "#contained"}, set()),
    ({"reference": "urn:uuid:7f3b1b52-0000-4000-8000-000000000000"}, set()),
    ({"reference": "Organization?identifier=x"}, set()),
    ({"identifier": {"value": "x"}}, set()),
    ({"extension": [{"url": "u", "valueReference": {"reference": "Practitioner/9"}}]}, {"Practitioner/9"}),
]


@pytest.mark.parametrize(("reference", "expected"), REFERENCES)
def test_literal_references(reference: dict[str, Any], expected: set[str]) -> None:
    resource = {"resourceType": "Observation", "id": "o", "subject": reference}
    assert literal_references(resource, ("https://ehr.example/fhir/R4",)) == expected
    contained = {"resourceType": "Observation", "id": "o", "contained": [resource]}
    assert literal_references(contained, ("https://ehr.example/fhir/R4",)) == expected


def test_references_that_the_caller_knows_are_not_looked_for_again() -> None:
    resource = {
        "resourceType": "Observation",
        "id": "o",
        "subject": {"reference": "Patient/1"},
        "extension": [{"url": "u", "valueReference": {"reference": "Practitioner/9/_history/2"}}],
        "device": {"reference": "#pump"},
    }
    keys = {"Patient/1": 1, "Practitioner/9": 9}
    known = extractor().index(resource, keys, references=["Patient/1", "Practitioner/9/_history/2", "#pump"])
    found = extractor().index(resource, keys)
    assert sorted(known.references) == sorted(found.references)
    assert (0, 9) in known.references


def test_a_bundle_answers_for_its_entries_itself() -> None:
    entry = {"resource": {"resourceType": "Observation", "subject": {"reference": "Patient/1"}}}
    bundle = {"resourceType": "Bundle", "id": "b", "type": "collection", "entry": [entry]}
    assert literal_references(bundle) == set()
    assert index(bundle).references == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Müller", "muller"),
        ("  ÉCOLE\tNormale ", "ecole normale"),
        ("Straße", "strasse"),
        ("王小明", "王小明"),
        ("ﬁn", "fin"),
        ("x" * 300, "x" * 256),
    ],
)
def test_folding(text: str, expected: str) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Robert", "r163"),
        ("Rupert", "r163"),
        ("Tymczak", "t522"),
        ("Pfister", "p236"),
        ("Ashcraft", "a261"),
        ("Lee", "l000"),
        ("Jackson Gutierrez", "j250 g362"),
    ],
)
def test_sounds(name: str, expected: str) -> None:
    assert sounds(name) == expected


def test_ancestors() -> None:
    assert list(ancestors("http://a.example/b/c")) == ["http://a.example/b/c", "http://a.example/b", "http://a.example"]
    assert list(ancestors("urn:oid:1.2/3")) == ["urn:oid:1.2/3"]


def test_the_only_expression_that_names_no_places() -> None:
    found = {p.expressions for type_ in resource_types() for p in parameters_of(type_).values() if p.expressions}
    assert found == {("Patient.deceased.exists() and Patient.deceased != false",)}
    with pytest.raises(NotPlain):
        places("Bundle", "Bundle.entry[0].resource")


def synthea_resources() -> list[dict[str, Any]]:
    """Up to EACH resources of each type from a chart of each Synthea release and a bulk export."""
    if not SYNTHEA.is_dir():
        pytest.skip(f"{SYNTHEA} is not here: the shared inputs are given to the project's machines only")
    bundles = [min((SYNTHEA / folder).glob("*.bz2")) for folder in ("v2.7-uscore", "v2.4-plain", "hiv-2021")]
    by_type: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in bundles:
        for entry in json.decode(bz2.decompress(path.read_bytes()))["entry"]:
            by_type[entry["resource"]["resourceType"]].append(entry["resource"])
    for path in sorted((SYNTHEA / "bulk-ndjson-2025-partial").glob("*.gz")):
        lines = gzip.decompress(path.read_bytes()).splitlines()[:EACH]
        by_type[path.name.split(".")[0]] = [*by_type[path.name.split(".")[0]][:EACH], *map(json.decode, lines)]
    return [resource for found in by_type.values() for resource in found[: 2 * EACH]]


def selected(node: Any, place: Place) -> list[Any]:
    found = [node]
    for step in place.steps:
        below = [value for one in found if step.name in one for value in _listed(one[step.name])]
        found = [one for one in below if step.only is None or one.get(step.only[0]) == step.only[1]]
    if place.target:
        found = [one for one in found if one.get("reference", "").startswith((f"{place.target}/", f"{place.target}?"))]
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_places_agree_with_fhirpath_on_real_charts() -> None:
    """The interpreter of FHIRPath is the oracle for the places that the definitions were compiled to."""
    compared = 0
    for resource in synthea_resources():
        type_ = resource["resourceType"]
        for parameter in parameters_of(type_).values():
            if parameter.kind == "composite" or parameter.expressions or _unresolvable(parameter):
                continue
            definition = " | ".join(_branches(type_, parameter.url))
            expected = [value for value, _ in compile_expression(definition)(resource) if value is not None]
            here = [value for place in parameter.places for value in selected(resource, place)]
            assert _texts(here) == _texts(expected), (type_, parameter.code)
            compared += bool(here)
    assert compared > 1000


def _unresolvable(parameter: Any) -> bool:
    """`resolve() is X` needs literal references, which a chart that is not imported yet does not have."""
    return any(place.target for place in parameter.places)


def _branches(type_: str, url: str) -> list[str]:
    [expression] = [p.expression for p in definitions().search_parameters if p.url == url]
    parts = [part.strip() for part in expression.split("|")]
    return [
        part for part in parts if part.lstrip("(").split(".")[0].split(" ")[0] in (type_, "Resource", "name", "alias")
    ]


def _texts(values: list[Any]) -> list[bytes]:
    return sorted({json.encode({"value": value}) for value in values})

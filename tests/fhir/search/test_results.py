"""Order, pages, totals, includes, subsets, compartments: what is given of what was found."""

import pytest

from ehr.fhir.errors import BadRequest
from ehr.fhir.search.parse import parse
from ehr.fhir.search.search import everything, match_identities, run
from ehr.lib import json
from ehr.lib.tenancy import use_tenant
from tests.fhir.search.plumbing import found, search, walked

pytestmark = pytest.mark.usefixtures("library")

SORTS = [
    ("Patient?_sort=birthdate", "p3 p1 p2 p4"),
    ("Patient?_sort=-birthdate", "p2 p1 p3 p4"),
    ("Patient?_sort=family", "p1 p2 p3 p4"),
    ("Patient?_sort=-family", "p3 p2 p1 p4"),
    ("Patient?_sort=name", "p4 p1 p3 p2"),
    ("Patient?_sort=-name", "p3 p1 p2 p4"),
    ("Patient?_sort=-_id", "p4 p3 p2 p1"),
    ("Patient?_sort=organization,_id", None),
    ("Patient?_sort=address-city,-_id", "p1 p4 p3 p2"),
    ("Patient?_sort=death-date,-birthdate", "p2 p1 p3 p4"),
    ("Encounter?_sort=date", "e3 e1 e2"),
    ("Observation?value-quantity:missing=false&_sort=-value-quantity", "kg lb rate crp"),
    ("RiskAssessment?_sort=probability", "risk2 risk1"),
    ("Patient?_sort=_lastUpdated,_id", "p1 p2 p3 p4"),
]


@pytest.mark.parametrize(("request_", "expected"), SORTS, ids=[row[0] for row in SORTS])
def test_order(request_: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(BadRequest, match="cannot be ordered by the reference organization"):
            search(request_)
        return
    assert found(request_) == expected.split()
    assert walked(f"{request_}&_count=1") == [[one] for one in expected.split()]
    two_by_two = walked(f"{request_}&_count=2")
    assert [one for page in two_by_two for one in page] == expected.split()


TOTALS = [
    ("Patient", 4, 4),
    ("Patient?_count=2", 2, 4),
    ("Patient?_count=2&_total=none", 2, None),
    ("Patient?_count=2&_total=accurate", 2, 4),
    ("Patient?_count=2&_total=estimate", 2, 4),
    ("Patient?_count=0", 0, 4),
    ("Patient?_summary=count", 0, 4),
    ("Patient?gender=male&_summary=count", 0, 1),
    ("Patient?_count=99999", 4, 4),
]


@pytest.mark.parametrize(("request_", "matches", "total"), TOTALS, ids=[row[0] for row in TOTALS])
def test_totals(request_: str, matches: int, total: int | None) -> None:
    page = search(request_)
    assert (len(page.matches), page.total) == (matches, total)


INCLUDES = [
    ("Observation?_id=bp&_include=Observation:subject", "Patient/p1"),
    ("Observation?_id=bp&_include=Observation:subject:Patient", "Patient/p1"),
    ("Observation?_id=bp&_include=Observation:subject:Group", ""),
    (
        "Observation?_id=bp&_include=Observation:performer&_include=Observation:encounter",
        "Encounter/e1 Practitioner/doc1",
    ),
    ("Observation?_id=bp&_include=*", "Encounter/e1 Patient/p1 Practitioner/doc1"),
    ("Observation?_id=bp&_include=Observation:*", "Encounter/e1 Patient/p1 Practitioner/doc1"),
    ("Observation?_id=bp&_include=Patient:organization", ""),
    (
        "Observation?_id=bp&_include=Observation:patient&_include:iterate=Patient:organization",
        "Organization/org1 Patient/p1",
    ),
    (
        "Observation?_id=lb&_include=Observation:patient&_include:iterate=Patient:organization,Organization:partof".replace(
            ",", "&_include:iterate="
        ),
        "Organization/org1 Organization/org2 Patient/p2",
    ),
    ("Observation?_id=culture&_include=Observation:has-member", "Observation/crp"),
    (
        "Observation?_id=culture&_include:iterate=Observation:has-member&_include:iterate=Observation:derived-from",
        "Observation/bp Observation/crp",
    ),
    ("Organization?_id=org1&_revinclude:iterate=Organization:partof", "Organization/org2 Organization/org3"),
    ("Organization?_id=org1&_revinclude=Organization:partof", "Organization/org2"),
    (
        "Patient?_id=p2&_revinclude=Observation:patient&_revinclude=Encounter:patient",
        "Encounter/e2 Observation/due Observation/lb",
    ),
    ("Encounter?_id=e1&_revinclude=Observation:*", "Observation/bp"),
    ("Patient?_id=p2&_revinclude=Patient:link", ""),
    ("Patient?_id=p1&_revinclude=Patient:link", "Patient/p2"),
    ("Patient?name=pet&_include=Patient:general-practitioner", "Practitioner/doc1"),
]


@pytest.mark.parametrize(("request_", "expected"), INCLUDES, ids=[row[0] for row in INCLUDES])
def test_includes(request_: str, expected: str) -> None:
    assert sorted(f"{hit.type}/{hit.id}" for hit in search(request_).included) == expected.split()


def test_what_is_a_match_is_not_included_as_well() -> None:
    page = search("Observation?code=600-7,1988-5&_include=Observation:has-member")
    assert [hit.id for hit in page.matches] == ["crp", "culture"]
    assert page.included == []


def test_only_readable_types_are_included() -> None:
    query = parse("Observation", "_id=bp&_include=*")
    assert query.included_types >= {"Patient", "Practitioner", "Encounter"}
    assert [hit.type for hit in run(query, readable={"Encounter", "Organization"}).included] == ["Encounter"]
    assert run(query, readable=set()).included == []


def test_a_compartment_confines_matches_chains_and_includes() -> None:
    confined = {"compartment": "Patient/p2"}
    assert found("Observation", **confined) == ["lb", "due"]
    assert found("Observation?code=29463-7", **confined) == ["lb"]
    assert found("Patient", **confined) == ["p2"]
    assert search("Observation?_total=accurate&_count=1", **confined).total == 2
    assert search("Observation?_summary=count&status=final", **confined).total == 2
    assert found("Patient?_id=p1", **confined) == []
    assert found("Organization?_has:Patient:organization:gender=male", **confined) == []
    # rate is about p1, with a focus on p2 that the compartment does not count
    assert found("Observation?_id=rate", **confined) == []
    page = search("Patient?_include=Patient:link&_include=Patient:organization", **confined)
    assert [f"{hit.type}/{hit.id}" for hit in page.included] == ["Organization/org2"]
    page = search("Patient?_include=Patient:link", compartment="Patient/p1")
    assert [hit.id for hit in page.matches] == ["p1", "p2"], "p2's link puts it into p1's compartment"


def test_everything_brings_the_compartment_and_what_it_refers_to() -> None:
    page = everything("p2")
    assert [f"{hit.type}/{hit.id}" for hit in page.matches] == [
        "Patient/p2",
        "Encounter/e2",
        "Observation/lb",
        "Observation/due",
        "RiskAssessment/risk2",
    ]
    assert [f"{hit.type}/{hit.id}" for hit in page.included] == ["Organization/org2"]
    assert [hit.id for hit in everything("p2", types=["Observation"]).matches] == ["lb", "due"]
    assert [hit.type for hit in everything("p2", readable={"Patient", "Encounter"}).matches] == ["Patient", "Encounter"]
    assert everything("p2", readable={"Location"}).matches == []
    assert everything("p2", types=["Observation"], readable={"Patient"}).matches == []
    first = everything("p2", count=3)
    assert [hit.id for hit in first.matches] == ["p2", "e2", "lb"]
    second = everything("p2", count=3, page=first.next)
    assert ([hit.id for hit in second.matches], second.next) == (["due", "risk2"], None)
    assert everything("nobody").matches == []


def test_conditions_are_told_apart_by_identity() -> None:
    assert match_identities(parse("Patient", "name=pet"), 2) == [("Patient", "p1"), ("Patient", "p3")]
    assert match_identities(parse("Patient", "name=pet"), 1) == [("Patient", "p1")]
    assert match_identities(parse("Patient", "name=nobody"), 2) == []


def test_another_tenant_has_nothing_of_this() -> None:
    assert found("Patient?name=chalmers") == ["p1"]
    with use_tenant("valley"):
        assert found("Patient?name=chalmers") == []


def shown(request: str) -> dict[str, object]:
    [hit] = search(request).matches
    return json.decode(hit.content.encode())


def test_elements_come_with_what_is_mandatory_and_a_tag() -> None:
    only = shown("Observation?_id=kg&_elements=value,subject")
    assert sorted(only) == ["code", "id", "meta", "resourceType", "status", "subject", "valueQuantity"]
    assert only["meta"]["tag"] == [  # type: ignore[index] # decoded JSON
        {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
    ]


def test_summaries() -> None:
    whole = shown("Patient?_id=p1")
    assert "address" in whole
    assert "extension" in whole
    summary = shown("Patient?_id=p1&_summary=true")
    assert sorted(summary) == [
        "active", "address", "birthDate", "deceasedBoolean", "gender", "id", "identifier", "managingOrganization",
        "meta",
        "name", "resourceType", "telecom",
    ]  # fmt: skip
    assert [tag["code"] for tag in summary["meta"]["tag"]] == ["demo", "SUBSETTED"]  # type: ignore[index] # decoded JSON
    assert sorted(shown("Patient?_id=p1&_summary=text")) == ["id", "meta", "resourceType"]
    assert sorted(shown("Patient?_id=p1&_summary=data")) == sorted(whole)
    assert '"value":70.5' in search("Observation?_id=kg&_summary=data").matches[0].content
    assert "SUBSETTED" not in search("Patient?_id=p1&_summary=false").matches[0].content

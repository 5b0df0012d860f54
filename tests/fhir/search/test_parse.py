"""What is refused, what is passed over, and that nothing from a client becomes SQL."""

import pytest

from ehr.fhir.definitions import resource_types
from ehr.fhir.errors import BadRequest
from ehr.fhir.search.capability import includes, reverse_includes, search_parameters
from ehr.fhir.search.parse import parse
from ehr.fhir.search.search import run
from tests.fhir.search.plumbing import found, search

REFUSED = [
    ("Patient", "birthdate=abc", "value", "birthdate"),
    ("Patient", "birthdate=2020-02-30", "value", "birthdate"),
    ("Patient", "birthdate=xx2020", "value", "birthdate"),
    ("Patient", "birthdate=2020,", "value", "birthdate"),
    ("Patient", "birthdate=gt", "value", "birthdate"),
    ("Patient", "_lastUpdated=yesterday", "value", "_lastUpdated"),
    ("Patient", "birthdate:exact=2020", "not-supported", "birthdate:exact"),
    ("Patient", "gender:contains=male", "not-supported", "gender:contains"),
    ("Patient", "gender:of-type=a|b|c", "not-supported", "gender:of-type"),
    ("Patient", "identifier:of-type=a|b", "value", "identifier:of-type"),
    ("Patient", "identifier=a|b|c", "value", "identifier"),
    ("Patient", "gender=|", "value", "gender"),
    ("Patient", "name:missing=maybe", "value", "name:missing"),
    ("Patient", "name:not=x", "not-supported", "name:not"),
    ("Patient", "gender:in=http://unknown.example/vs", "value", "gender:in"),
    ("Patient", "_id:not=p1", "not-supported", "_id:not"),
    ("Patient", "general-practitioner=a b", "value", "general-practitioner"),
    ("Patient", "general-practitioner:Patient=x", "not-supported", "general-practitioner:Patient"),
    ("Patient", "general-practitioner:Practitioner=Organization/1", "value", "general-practitioner:Practitioner"),
    ("Patient", "gender.name=x", "value", "gender"),
    ("Patient", "organization:Practitioner.name=x", "value", "organization"),
    ("Patient", "_has:Observation:patient=x", "value", "_has:Observation:patient"),
    ("Patient", "_has:Observation:code:status=final", "value", "code"),
    ("Patient", "_has:Organization:partof:name=x", "value", "partof"),
    ("Patient", "organization.partof.partof.partof.partof.partof.name=x", "too-costly", "name"),
    ("Observation", "value-quantity=many", "value", "value-quantity"),
    ("Observation", "value-quantity=5|mg", "value", "value-quantity"),
    ("Observation", "value-quantity=1e9999", "value", "value-quantity"),
    ("Observation", "code-value-quantity=8480-6", "value", "code-value-quantity"),
    ("Observation", "code-value-quantity=8480-6$x", "value", "code-value-quantity"),
    ("Provenance", "target.status=active", "too-costly", "target"),
    ("ValueSet", "url:below=urn:oid:1.2", "value", "url:below"),
    ("Patient", "_profile:below=http://x", "not-supported", "_profile:below"),
    ("Patient", "_count=-1", "value", "_count"),
    ("Patient", "_count=ten", "value", "_count"),
    ("Patient", "_count=1&_count=2", "value", "_count"),
    ("Patient", "_total=all", "value", "_total"),
    ("Patient", "_summary=yes", "value", "_summary"),
    ("Patient", "_elements=name,", "value", "_elements"),
    ("Patient", "_elements=nome", "value", "_elements"),
    ("Patient", "_sort=gender", "value", "_sort"),
    ("Patient", "_sort=name,family,birthdate,_id", "value", "_sort"),
    ("Patient", "_include=Patient", "value", "_include"),
    ("Patient", "_include=Patient:gender", "value", "gender"),
    ("Patient", "_include=Patient:organization:Nothing", "value", "_include"),
    ("Patient", "_include:recurse=Patient:organization", "not-supported", "_include:recurse"),
    ("Patient", "name=%00", "value", "name"),
    ("Patient", "name=%FF", "structure", None),
    ("Patient", "&".join(["name=a"] * 101), "too-costly", None),
    ("Nothing", "name=a", "not-supported", None),
]


@pytest.mark.usefixtures("db")  # value sets are looked up there
@pytest.mark.parametrize(
    ("type_", "query", "code", "expression"), REFUSED, ids=[f"{r[0]}?{r[1][:60]}" for r in REFUSED]
)
def test_senseless_values_and_modifiers_are_refused_however_lenient(
    type_: str, query: str, code: str, expression: str | None
) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse(type_, query, strict=False)
    [issue] = refusal.value.issues
    assert (issue.severity, issue.code, issue.expression) == ("error", code, expression)
    assert issue.diagnostics.endswith(".")


def test_a_plus_that_became_a_space_is_explained() -> None:
    with pytest.raises(BadRequest, match="write \\+ as %2B"):
        parse("Observation", "date=2020-01-01T10:00:00+02:00")


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(BadRequest) as refusal:
        parse("Patient", "birthdate=abc&_count=x&name=fine&nonsense=1", strict=True)
    assert [issue.expression for issue in refusal.value.issues] == ["birthdate", "_count", "nonsense"]


UNKNOWN = [
    ("nonsense=1", "nonsense"),
    ("Name=x", "Name"),
    ("_text=x", "_text"),
    ("_content=x", "_content"),
    ("_filter=x", "_filter"),
    ("_list=x", "_list"),
    ("_sort=nonsense", "_sort"),
    ("_has:Observation:patient:nonsense=1", "_has:Observation:patient:nonsense"),
    ("organization.nonsense=1", "organization.nonsense"),
    ("_include=Patient:nonsense", "_include"),
    ("name=", "name"),
]


@pytest.mark.parametrize(("query", "expression"), UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_unknown_parameters_are_warned_of_or_refused_as_preferred(query: str, expression: str) -> None:
    lenient = parse("Patient", f"gender=male&{query}")
    assert [(w.severity, w.code, w.expression) for w in lenient.warnings] == [("warning", "not-supported", expression)]
    assert lenient.self_query() == "gender=male"
    assert lenient.criteria_count == 1
    with pytest.raises(BadRequest) as refusal:
        parse("Patient", f"gender=male&{query}", strict=True)
    [issue] = refusal.value.issues
    assert (issue.severity, issue.expression) == ("error", expression)


def test_the_self_link_says_what_was_understood() -> None:
    query = parse("Patient", "name=M%C3%BCller&gender=a|b&_sort=-birthdate&_count=5&bogus=1&_format=json")
    assert query.self_query() == "name=M%C3%BCller&gender=a|b&_sort=-birthdate&_count=5"
    assert query.next_query("T") == "name=M%C3%BCller&gender=a|b&_sort=-birthdate&_count=5&_page=T"
    assert parse("Patient", query.self_query()).criteria == query.criteria


def test_searched_types_name_every_type_that_is_asked_about() -> None:
    assert parse("Patient", "name=x").searched_types == {"Patient"}
    chained = parse("Observation", "subject:Patient.organization.name=x&_has:Provenance:target:agent.name=y")
    assert chained.searched_types == {
        "Observation", "Patient", "Organization", "Provenance", "Practitioner", "RelatedPerson",
    }  # fmt: skip


HOSTILE = [
    "'; DROP TABLE fhir_resource; --",
    '" OR 1=1 --',
    "%s%s%s",
    "%(low)s",
    "{row}",
    "\\",
    "$1",
    "1) OR (1=1",
    "x' UNION SELECT 1,2,3,4 --",
    "\u202e\U0010ffff",
    "a" * 5000,
]
PLACES = [
    "name={}", "name:exact={}", "name:contains={}", "gender={}", "gender:text={}", "identifier={}", "_id={}", "_tag={}",
    "general-practitioner={}", "_source={}", "organization.name={}", "_has:Observation:patient:code={}",
    "_sort={}", "_sort=-{}", "_elements={}", "_include={}", "_include=Patient:{}", "_summary={}", "_total={}",
    "_count={}",
    "_page={}", "birthdate={}", "name:{}=x", "{}=x", "organization:{}.name=x", "organization.{}=x",
    "_has:{}:patient:code=x",
    "_has:Observation:{}:code=x", "_has:Observation:patient:{}=x",
]  # fmt: skip


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("place", PLACES)
def test_hostile_text_finds_nothing_or_is_refused(place: str) -> None:
    for text in HOSTILE:
        pairs = place.format(text.replace("%", "%25").replace("+", "%2B").replace("&", "%26").replace("#", "%23"))
        try:
            matches = search(f"Patient?{pairs}").matches
        except BadRequest:
            continue
        honest = ["p4"] if (place, text) == ("name:contains={}", "\\") else []
        assert [hit.id for hit in matches] == honest
    assert found("Patient?_id=p1") == ["p1"]


@pytest.mark.usefixtures("library")
def test_every_parameter_of_every_type_is_answered() -> None:
    samples = {
        "token": "urn:s|x", "string": "x", "date": "2020", "number": "5", "quantity": "5||mg", "uri": "http://x.example/y",
        "reference": "Patient/p1",
    }  # fmt: skip
    asked = 0
    for type_ in sorted(resource_types()):
        parameters = search_parameters(type_)
        asked += len(parameters)
        pairs = [f"{one['name']}:missing=true" for one in parameters]
        pairs += [f"{one['name']}={samples[one['type']]}" for one in parameters if one["type"] != "composite"]
        for ten in batched(pairs, 10):
            assert run(parse(type_, "&".join([*ten, "_id=nobody"]), strict=True)).matches == []
    assert asked > 2500


def batched(items: list[str], size: int) -> list[list[str]]:
    return [items[begin : begin + size] for begin in range(0, len(items), size)]


def test_the_capability_statement_names_what_is_accepted_and_no_more() -> None:
    names = {parameter["name"] for parameter in search_parameters("Patient")}
    assert {"name", "phonetic", "race", "_id", "_lastUpdated", "_profile", "_security", "_source", "_tag"} <= names
    assert names.isdisjoint({"_text", "_content", "_query"})
    assert "near" not in {parameter["name"] for parameter in search_parameters("Location")}
    for parameter in search_parameters("Patient"):
        assert set(parameter) == {"name", "type", "definition", "documentation"}
    for link in includes("Observation"):
        assert parse("Observation", f"_include={link}", strict=True).includes
    for link in reverse_includes("Patient"):
        assert parse("Patient", f"_revinclude={link}", strict=True).includes
    assert "Observation:patient" in reverse_includes("Patient")
    assert "Observation:patient" not in reverse_includes("Organization")

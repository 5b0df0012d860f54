"""Pages while others write: what matches throughout with an unchanged sort value arrives exactly once."""

import base64
import random
from typing import Any

import pytest

from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.fhir import store
from ehr.fhir.admission import admit
from ehr.fhir.errors import BadRequest
from ehr.fhir.search.parse import parse
from ehr.fhir.search.search import run
from ehr.lib.tenancy import use_tenant
from tests.fhir.search.plumbing import put, remove, walked

pytestmark = pytest.mark.usefixtures("db")


def patient(number: int, **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": f"n{number}", "birthDate": f"19{number % 40 + 10}", **elements}


@pytest.mark.parametrize(
    "sort", ["", "_sort=birthdate&", "_sort=-birthdate,_id&", "_sort=family,-birthdate&", "_sort=-_lastUpdated&"]
)
def test_what_stays_arrives_exactly_once(sort: str) -> None:
    chosen = random.Random(sort)  # noqa: S311 - a test's dice
    for number in range(40):
        put(patient(number, name=[{"family": chosen.choice("abc")}]) if number % 3 else patient(number))
    touched, arrived, token, new = set(), [], None, 100
    while True:
        page = run(parse("Patient", f"{sort}_count=7" + (f"&_page={token}" if token else "")))
        arrived += [hit.id for hit in page.matches]
        if (token := page.next) is None:
            break
        for _ in range(3):
            number = chosen.randrange(40)
            touched.add(f"n{number}")
            put(patient(number, birthDate=f"20{chosen.randrange(10, 20)}", name=[{"family": chosen.choice("xyz")}]))
            put(patient(new, name=[{"family": chosen.choice("abc")}]))
            new += 1
    stayed = [id_ for id_ in arrived if id_ in {f"n{number}" for number in range(40)} - touched]
    assert sorted(stayed) == sorted({f"n{number}" for number in range(40)} - touched)


def test_the_deleted_are_found_no_more() -> None:
    for number in range(5):
        put(patient(number, gender="male", name=[{"family": "Gone"}]))
    first = run(parse("Patient", "name=gone&_count=2"))
    assert ([hit.id for hit in first.matches], first.total) == (["n0", "n1"], 5)
    remove("Patient", "n2")
    second = run(parse("Patient", f"name=gone&_count=2&_page={first.next}"))
    assert ([hit.id for hit in second.matches], second.next, second.total) == (["n3", "n4"], None, 4)
    for query in ("_id=n2", "gender=male&_id=n2", "name:missing=true", "birthdate=1912", "_lastUpdated=gt2000&_id=n2"):
        assert run(parse("Patient", query)).matches == []


def test_an_update_is_found_by_what_it_says_now() -> None:
    put(patient(1, name=[{"family": "Before"}], gender="male"))
    put(patient(1, name=[{"family": "After"}], gender="female"))
    assert walked("Patient?name=before") == [[]]
    assert walked("Patient?gender=male") == [[]]
    assert walked("Patient?name=after&gender=female") == [["n1"]]


@pytest.fixture
def token() -> str:
    for number in range(4):
        put(patient(number))
    token = run(parse("Patient", "_sort=birthdate&_count=2&gender:missing=true")).next
    assert token is not None
    return token


def test_a_page_token_is_good_for_its_query_in_any_form(token: str) -> None:
    query = f"_sort=birthdate&gender:missing=true&_page={token}"
    assert [hit.id for hit in run(parse("Patient", query)).matches] == ["n2", "n3"]
    page = run(parse("Patient", query + "&_count=1&_summary=true&_total=none&_include=Patient:organization"))
    assert [hit.id for hit in page.matches] == ["n2"]


@pytest.mark.parametrize(
    ("type_", "query"),
    [
        ("Patient", "_sort=birthdate"),
        ("Patient", "_sort=-birthdate&gender:missing=true"),
        ("Patient", "_sort=birthdate&gender:missing=false"),
        ("Person", "_sort=birthdate&gender:missing=true"),
    ],
)
def test_a_page_token_is_refused_elsewhere(type_: str, query: str, token: str) -> None:
    with pytest.raises(BadRequest, match="not a page of this search"):
        run(parse(type_, f"{query}&_page={token}"))


def test_a_page_token_is_refused_by_another_tenant(token: str) -> None:
    with use_tenant("valley"), pytest.raises(BadRequest, match="not a page of this search"):
        run(parse("Patient", f"_sort=birthdate&gender:missing=true&_page={token}"))


def test_a_page_token_is_refused_when_a_bit_is_changed(token: str) -> None:
    query = "_sort=birthdate&gender:missing=true&_page="
    forged = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(0, len(token) - 1, 5)]
    for bad in [*forged, token[:-4], "", "x", "A" * 9000, "é"]:
        if not bad:
            continue
        with pytest.raises(BadRequest) as refusal:
            run(parse("Patient", query + bad))
        assert [issue.expression for issue in refusal.value.issues] == ["_page"]


def test_names_cannot_be_read_in_a_token() -> None:
    for number in range(2):
        put(patient(number, name=[{"family": "Verysecret"}]))
    token = run(parse("Patient", "_sort=family&_count=1")).next
    assert token is not None
    assert b"verysecret" not in base64.urlsafe_b64decode(token + "==").lower()


def test_totals_beyond_a_thousand() -> None:
    actor = Actor("system", "tests", "Tests")
    put_many(
        actor=actor, resources=[{"resourceType": "Basic", "id": f"b{n}", "code": {"text": "x"}} for n in range(1001)]
    )
    totals = {
        query: run(parse("Basic", f"_count=1{query}")).total
        for query in ("", "&_total=accurate", "&_total=none", "&_id=b1,b2", "&_summary=count")
    }
    assert totals == {
        "": None,
        "&_total=accurate": 1001,
        "&_total=none": None,
        "&_id=b1,b2": 2,
        "&_summary=count": 1001,
    }
    estimate = run(parse("Basic", "_count=1&_total=estimate")).total
    assert estimate is not None
    assert estimate >= 1001
    remaining = sum(len(page) for page in walked("Basic?_count=400"))
    assert remaining == 1001


@action("tests.search.put-many")
def put_many(*, actor: Actor, resources: list[dict[str, Any]]) -> None:
    audit()
    store.write([store.Change(one["resourceType"], one["id"], admit(one), None) for one in resources])

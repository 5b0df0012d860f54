"""Who gets what answer at every door: role by door, generated and kept in permission_matrix.txt.

A change of that file in a review is a change of who may do what. `EHR_WRITE_MATRIX=1 ./run test
tests/architecture/test_permission_matrix.py` writes it anew.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from ehr.access.actions import place_restriction
from ehr.access.permissions import operator
from tests.architecture.doors import DOORS, Door, pattern_names
from tests.architecture.tree import ROOT
from tests.plumbing.cast import NAMES, Cast, Member
from tests.plumbing.databases import rolled_back
from tests.plumbing.fhir_client import BASE, FHIRClient, registered

GOLDEN = ROOT / "tests" / "architecture" / "permission_matrix.txt"
PEOPLE = ("anonymous", *NAMES)

SCOPES = (
    None,
    "system/Patient.r",
    "system/Patient.s",
    "system/Patient.c",
    "system/Patient.u",
    "system/Patient.d",
    "system/Patient.cuds",
    "system/Observation.cruds",
    "system/*.rs",
    "system/*.cruds",
)
PATIENT = {"resourceType": "Patient", "name": [{"family": "Matrix", "given": ["Ordinary"]}]}
LINKED = {**PATIENT, "link": [{"type": "seealso", "other": {"reference": "Patient?_id=ordinary"}}]}


def _transaction(fhir: FHIRClient, resource: dict[str, Any] | None, **request: str) -> int:
    entry = {"request": request} | ({"resource": resource} if resource else {})
    return fhir.post("", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}).status


INTERACTIONS: dict[str, Callable[[FHIRClient], int]] = {
    "read": lambda fhir: fhir.get("Patient/ordinary").status,
    "vread": lambda fhir: fhir.get("Patient/ordinary/_history/1").status,
    "history": lambda fhir: fhir.get("Patient/ordinary/_history").status,
    "history-type": lambda fhir: fhir.get("Patient/_history").status,
    "search": lambda fhir: fhir.get("Patient?name=matrix").status,
    "search by form": lambda fhir: (
        fhir.request("POST", "Patient/_search", b"name=matrix", content_type="application/x-www-form-urlencoded").status
    ),
    "chained search": lambda fhir: fhir.get("Patient?_has:Observation:patient:code=1234-5").status,
    "$everything": lambda fhir: fhir.get("Patient/ordinary/$everything").status,
    "create": lambda fhir: fhir.post("Patient", PATIENT).status,
    "create if none": lambda fhir: fhir.post("Patient", PATIENT, if_none_exist="name=nobody").status,
    "create if none, one exists": lambda fhir: fhir.post("Patient", PATIENT, if_none_exist="_id=ordinary").status,
    "update": lambda fhir: fhir.put("Patient/ordinary", {**PATIENT, "id": "ordinary"}).status,
    "update as create": lambda fhir: fhir.put("Patient/new", {**PATIENT, "id": "new"}).status,
    "patch": lambda fhir: fhir.patch("Patient/ordinary", [{"op": "add", "path": "/active", "value": True}]).status,
    "conditional update": lambda fhir: fhir.put("Patient?_id=ordinary", PATIENT).status,
    "conditional delete": lambda fhir: fhir.delete("Patient?_id=ordinary").status,
    "delete": lambda fhir: fhir.delete("Patient/ordinary").status,
    "$validate": lambda fhir: fhir.post("Patient/$validate", PATIENT).status,
    "transaction": lambda fhir: _transaction(fhir, PATIENT, method="POST", url="Patient"),
    "transaction, create if none, one exists": lambda fhir: _transaction(
        fhir, PATIENT, method="POST", url="Patient", ifNoneExist="_id=ordinary"
    ),
    "transaction, conditional update": lambda fhir: _transaction(
        fhir, PATIENT, method="PUT", url="Patient?_id=ordinary"
    ),
    "transaction, conditional delete": lambda fhir: _transaction(
        fhir, None, method="DELETE", url="Patient?_id=ordinary"
    ),
    "transaction, conditional reference": lambda fhir: _transaction(fhir, LINKED, method="POST", url="Patient"),
}


@pytest.fixture
def hospital(fhir: FHIRClient, cast: Cast) -> dict[str, Member]:
    """Three patients, one of them restricted and one of them the patient user's own record; everybody of the cast."""
    for name in ("ordinary", "restricted", "own"):
        created = fhir.put(f"Patient/{name}", {**PATIENT, "id": name})
        assert created.status == 201, created.body
    place_restriction(actor=operator("tests"), patient_id="restricted", kind="vip", reason="Known to the public")
    people = {role: cast[role] for role in NAMES if role != "patient"}
    return people | {"patient": cast.make("patient", patient_id="own")}


def _knock(door: Door, person: Member | None) -> int:
    cache.clear()
    client = person.browser() if person else Client(headers={"host": "testserver"})
    with rolled_back("general"):
        return client.generic(
            door.method,
            door.path,
            "&".join(f"{name}={value}" for name, value in door.data.items()),
            content_type="application/x-www-form-urlencoded",
        ).status_code


def _table(title: str, columns: tuple[str, ...], rows: Iterator[tuple[str, list[int]]]) -> str:
    """A table as text: a column per person or scope, legend above, status codes below."""
    legend = [f"  {number:>2} {column}" for number, column in enumerate(columns, 1)]
    heads = " ".join(f"{number:>3}" for number in range(1, len(columns) + 1))
    lines = [f"{name:<64} {' '.join(f'{status:>3}' for status in statuses)}" for name, statuses in rows]
    return "\n".join([title, *legend, "", f"{'':<64} {heads}", *lines, ""])


def test_every_url_is_a_door_of_the_matrix() -> None:
    assert set(pattern_names()) == {door.pattern for door in DOORS}


def test_nobody_comes_in_unannounced(hospital: dict[str, Member]) -> None:
    """Anonymous requests are sent to sign-in or refused at every door that is not public; so is the outsider."""
    closed = [door for door in DOORS if not door.public]
    assert {str(door): status for door in closed if (status := _knock(door, None)) not in {302, 401}} == {}
    about_oneself = {"/", "/api/v1/me", "/api/v1/schema"}
    let_in = [str(door) for door in closed if _knock(door, hospital["outsider"]) < 400]
    assert set(let_in) == {f"GET {path}" for path in about_oneself}


def test_matrix_is_as_agreed(hospital: dict[str, Member]) -> None:
    people = _table(
        "People at the doors",
        PEOPLE,
        ((str(door), [_knock(door, hospital.get(name)) for name in PEOPLE]) for door in DOORS),
    )
    clients = [FHIRClient(None), *(registered(scope, scope=scope) for scope in SCOPES if scope)]
    systems = _table(
        f"Client systems at {BASE}, by scope",
        tuple(scope or "no token" for scope in SCOPES),
        ((name, [_isolated(interact, client) for client in clients]) for name, interact in INTERACTIONS.items()),
    )
    programs = _table(
        "Client systems at /api/v1, by scope",
        tuple(scope or "no token" for scope in SCOPES),
        (
            (str(door), [_knock_with(client.token, door) for client in clients])
            for door in DOORS
            if door.pattern.startswith("api:")
        ),
    )
    actual = f"{people}\n\n{systems}\n\n{programs}"
    if os.environ.get("EHR_WRITE_MATRIX") == "1":
        GOLDEN.write_text(actual)
    assert actual == GOLDEN.read_text()


def _knock_with(token: str | None, door: Door) -> int:
    headers = {"host": "testserver"} | ({"authorization": f"Bearer {token}"} if token else {})
    with rolled_back("general"):
        return Client(headers=headers).get(door.path).status_code


def _isolated(interact: Callable[[FHIRClient], int], client: FHIRClient) -> int:
    with rolled_back("general"):
        return interact(client)

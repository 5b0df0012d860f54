"""What shows a list sends as many queries for three rows as for one, and the number is known."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ehr.access.permissions import operator
from ehr.fhir.definitions import resource_types
from ehr.fhir.imports.run import import_file
from ehr.fhir.imports.sources import SourceFile
from ehr.terminology.loading import load_release
from ehr.terminology.releases import ReleasedConcept
from tests.architecture.doors import DOORS
from tests.plumbing.api_client import system
from tests.plumbing.cast import Cast
from tests.plumbing.fhir_client import FHIRClient
from tests.terminology.releases import URL, release

QueryCount = Callable[[int], AbstractContextManager[list[str]]]

# Door -> statements sent, session, person and audit row included. A page here is every page that shows a list.
PAGES = {
    "administration:patients": ("/patients/?q=listed", 6),
    "record:summary": ("/patients/listed-1/", 13),
}
NO_LIST = {"administration:home": "sends people on", "record:emergency": "a form", "metrics": "figures for operators"}
# The same for a client system: the token's statement included, and the member that holds the list.
API = {
    "api:patients": ("/api/v1/patients?q=listed", 3, "items"),
    "api:codes": (f"/api/v1/codes?system={URL}&q=listed", 2, "items"),
    "api:imports": ("/api/v1/imports", 5, "items"),
    "api:import": ("/api/v1/imports/listed-1", 8, "reasons"),
    "api:remainders": ("/api/v1/imports/listed-1/remainders", 4, "items"),
}
NO_API_LIST = {
    "api:schema": "the same for everybody",
    "api:me": "one person's",
    "api:remainder": "one thing",
    "api:elsewhere": "nothing",
}
FHIR = {
    "search": ("Patient?name=listed", 3),
    "search with its includes": ("Observation?subject:Patient.name=listed&_include=Observation:subject", 4),
    "history of a type": ("Observation/_history", 3),
    "everything of a patient": ("Patient/listed-1/$everything", 4),
}


def _fill(fhir: FHIRClient, rows: int) -> None:
    """`rows` patients, and as many of everything that a chart lists for the first of them."""
    for number in range(1, rows + 1):
        _put(fhir, {"resourceType": "Patient", "id": f"listed-{number}", "name": [{"family": "Listed"}]})
    subject = {"reference": "Patient/listed-1"}
    for number in range(1, rows + 1):
        code = {"coding": [{"system": "http://loinc.org", "code": f"{number}-1"}], "text": f"Test {number}"}
        words = {"text": f"Thing {number}"}
        laboratory = "http://terminology.hl7.org/CodeSystem/observation-category"
        for resource in (
            {
                "resourceType": "Observation",
                "status": "final",
                "category": [{"coding": [{"system": laboratory, "code": "laboratory"}]}],
                "code": code,
                "subject": subject,
                "effectiveDateTime": "2026-03-01T08:00:00Z",
                "valueQuantity": {"value": number, "unit": "mmol/L"},
            },
            {
                "resourceType": "Condition",
                "clinicalStatus": _active("condition-clinical"),
                "code": words,
                "subject": subject,
            },
            {
                "resourceType": "AllergyIntolerance",
                "clinicalStatus": _active("allergyintolerance-clinical"),
                "code": words,
                "patient": subject,
            },
            {
                "resourceType": "MedicationRequest",
                "status": "active",
                "intent": "order",
                "medicationCodeableConcept": words,
                "subject": subject,
            },
            {
                "resourceType": "Immunization",
                "status": "completed",
                "vaccineCode": words,
                "patient": subject,
                "occurrenceDateTime": "2025-10-01",
            },
            {
                "resourceType": "Encounter",
                "status": "finished",
                "class": {"code": "AMB"},
                "subject": subject,
                "period": {"start": f"2025-0{number}-01"},
            },
        ):
            _put(fhir, {**resource, "id": f"listed-{number}"})


def _active(system: str) -> dict[str, object]:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": "active"}]}


def _put(fhir: FHIRClient, resource: dict[str, object]) -> None:
    answer = fhir.put(f"{resource['resourceType']}/{resource['id']}", resource)
    assert answer.status == 201, answer.body


def test_every_page_with_a_list_is_here() -> None:
    listing = {door.pattern for door in DOORS if not door.public and not door.pattern.startswith("fhir:")}
    assert listing == set(PAGES) | set(NO_LIST) | set(API) | set(NO_API_LIST)
    assert len(resource_types()) == 146


def shown(html: str, page: str) -> int:
    """How many rows of the list stand on the page."""
    pattern = r"/patients/(listed-\d)/" if page == "administration:patients" else r"(Thing \d)"
    return len(set(re.findall(pattern, html)))


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("page", PAGES)
def test_page(db: None, fhir: FHIRClient, cast: Cast, query_count: QueryCount, page: str, rows: int) -> None:
    _fill(fhir, rows)
    path, statements = PAGES[page]
    browser = cast.physician.browser()
    browser.get(path)  # what is looked up once per process
    with query_count(statements):
        answer = browser.get(path)
    assert answer.status_code == 200
    assert shown(answer.content.decode(), page) == rows


def _fill_imports(folder: Path, rows: int) -> None:
    """`rows` sources, each with as many lines that are refused, each for another reason."""
    path = folder / "feed.ndjson"
    path.write_text("\n".join(f'{{"resourceType": "Unknown{number}"}}' for number in range(rows)))
    for number in range(1, rows + 1):
        import_file(operator("tests"), f"listed-{number}", SourceFile(path, 0))


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("door", API)
def test_api(fhir: FHIRClient, query_count: QueryCount, tmp_path: Path, door: str, rows: int) -> None:
    _fill(fhir, rows)
    _fill_imports(tmp_path, rows)
    concepts = [ReleasedConcept(f"L{number}", f"Listed {number}") for number in range(rows)]
    load_release(actor=operator("tests"), release=release(*concepts))
    program = system("system/*.cruds")
    path, statements, member = API[door]
    program.get(path)
    with query_count(statements):
        answer = program.get(path)
    assert answer.status_code == 200
    assert len(answer.json()[member]) == rows


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("request_line", FHIR)
def test_fhir(db: None, fhir: FHIRClient, query_count: QueryCount, request_line: str, rows: int) -> None:
    _fill(fhir, rows)
    path, statements = FHIR[request_line]
    fhir.get(path)
    with query_count(statements):
        answer = fhir.get(path)
    assert answer.status == 200
    assert len(answer.resource["entry"]) >= rows

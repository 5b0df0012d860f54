"""Patient/$everything: the compartment whole, page by page, and nothing of anybody else."""

import pytest

from tests import factories
from tests.plumbing.fhir_client import FHIRClient, registered

pytestmark = pytest.mark.usefixtures("db")


def pages(fhir: FHIRClient, path: str) -> list[str]:
    found = []
    while path:
        answer = fhir.get(path)
        assert answer.status == 200, answer.body
        found += [
            f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in answer.resource["entry"]
        ]
        following = [link["url"] for link in answer.resource["link"] if link["relation"] == "next"]
        path = following[0].partition("/fhir/R4/")[2] if following else ""
    return found


def test_the_compartment_comes_whole_and_nobody_elses(fhir: FHIRClient) -> None:
    patient, other = factories.patient(), factories.patient()
    mine = [factories.observation(patient) for _ in range(5)]
    factories.put(patient, other, *mine, factories.observation(other))
    expected = sorted([f"Patient/{patient['id']}", *(f"Observation/{one['id']}" for one in mine)])
    assert sorted(pages(fhir, f"Patient/{patient['id']}/$everything")) == expected
    assert sorted(pages(fhir, f"Patient/{patient['id']}/$everything?_count=2")) == expected


def test_types_are_kept_from_page_to_page(fhir: FHIRClient) -> None:
    patient = factories.patient()
    mine = [factories.observation(patient) for _ in range(5)]
    factories.put(patient, *mine)
    found = pages(fhir, f"Patient/{patient['id']}/$everything?_type=Observation&_count=2")
    assert sorted(found) == sorted(f"Observation/{one['id']}" for one in mine)


def test_only_what_the_scope_allows_comes(fhir: FHIRClient) -> None:
    patient = factories.patient()
    factories.put(patient, factories.observation(patient))
    narrow = registered("narrow", scope="system/Patient.rs")
    assert pages(narrow, f"Patient/{patient['id']}/$everything") == [f"Patient/{patient['id']}"]

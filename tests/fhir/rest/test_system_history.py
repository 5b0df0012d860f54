"""Histories of the whole system, of types and of resources, page by page."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.fhir.rest.paging import walked
from tests.plumbing.fhir_client import FHIRClient, registered

pytestmark = pytest.mark.usefixtures("committed")

PATIENT = {"resourceType": "Patient", "id": "p", "birthDate": "1957-03-14"}
OBSERVATION = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "x"}}
BASIC = {"resourceType": "Basic", "id": "b", "code": {"text": "x"}}
HISTORY = ['b"3"', 'b"2"', 'p"2"', 'b"1"', 'o"1"', 'p"1"']


@pytest.fixture(autouse=True)
def changes(fhir: FHIRClient) -> None:
    for resource in (PATIENT, OBSERVATION, BASIC):
        assert fhir.put(f"{resource['resourceType']}/{resource['id']}", resource).status == 201
    assert fhir.put("Patient/p", PATIENT | {"birthDate": "1957-03-15"}).status == 200
    assert fhir.put("Basic/b", BASIC | {"code": {"text": "y"}}).status == 200
    assert fhir.delete("Basic/b").status == 204


def versions(pages: list[list[dict[str, Any]]]) -> list[str]:
    return [f"{entry['fullUrl'].rpartition('/')[2]}{entry['response']['etag'][2:]}" for page in pages for entry in page]


def test_every_version_comes_once_and_newest_first(fhir: FHIRClient) -> None:
    for count in (1, 4, 50):
        pages = walked(fhir, f"_history?_count={count}")
        assert versions(pages) == HISTORY
        assert [len(page) for page in pages] == [min(count, 6 - start) for start in range(0, 6, count)]


def test_of_a_type_and_of_a_resource(fhir: FHIRClient) -> None:
    assert versions(walked(fhir, "Basic/_history?_count=2")) == ['b"3"', 'b"2"', 'b"1"']
    assert versions(walked(fhir, "Patient/p/_history?_count=1")) == ['p"2"', 'p"1"']


def test_pages_since_an_instant_end_there(fhir: FHIRClient) -> None:
    since = fhir.get("Patient/p").resource["meta"]["lastUpdated"]
    assert versions(walked(fhir, f"_history?_count=1&_since={quote(since)}")) == HISTORY[:3]


def test_shows_the_types_that_the_client_may_read() -> None:
    reader, writer = registered("reader", scope="system/Basic.r"), registered("writer", scope="system/Basic.cu")
    assert versions(walked(reader, "_history")) == ['b"3"', 'b"2"', 'b"1"']
    assert (reader.get("Patient/_history").status, writer.get("_history").status) == (403, 403)

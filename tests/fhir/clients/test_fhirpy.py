"""fhirpy, in its blocking and its asyncio form, as its documentation says: the product needs no special care."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from fhirpy import AsyncFHIRClient, SyncFHIRClient
from fhirpy.base.exceptions import (
    AuthorizationError,
    ForbiddenError,
    MultipleResourcesFound,
    OperationOutcome,
    ResourceNotFound,
)

from tests.fhir.clients.conftest import SCOPE, Registration

SYSTEM = "http://example.org/mrn"
LOINC = "http://loinc.org"


def token(registration: Registration, scope: str = SCOPE) -> str:
    form = {"grant_type": "client_credentials", "scope": scope}
    answer = requests.post(
        registration.token_url, data=form, auth=(registration.client_id, registration.secret), timeout=30
    )
    assert answer.status_code == 200, answer.text
    return f"Bearer {answer.json()['access_token']}"


@pytest.fixture
def client(registration: Registration) -> SyncFHIRClient:
    return SyncFHIRClient(registration.base, authorization=token(registration))


def person(number: int, family: str = "Reed") -> dict[str, Any]:
    return {
        "resource_type": "Patient",
        "identifier": [{"system": SYSTEM, "value": f"M{number}"}],
        "name": [{"family": family, "given": ["Rosa"]}],
        "birthDate": f"198{number}-03-01",
    }


def glucose(subject: Any, value: float) -> dict[str, Any]:
    return {
        "resource_type": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "2339-0"}]},
        "subject": subject,
        "valueQuantity": {"value": value, "unit": "mg/dL"},
    }


def test_it_creates_reads_updates_patches_and_deletes(client: SyncFHIRClient) -> None:
    patient = client.resource(**person(1))
    patient.save()
    assert patient["meta"]["versionId"] == "1"
    patient["name"][0]["family"] = "Reed-Okafor"
    patient.update()
    patient.patch(active=True, birthDate=None)
    kept = client.reference("Patient", patient.id).to_resource()
    assert (kept["meta"]["versionId"], kept["name"][0]["family"], kept["active"], kept.get("birthDate")) == (
        "3",
        "Reed-Okafor",
        True,
        None,
    )
    client.patch("Patient", patient.id, gender="female")
    kept.refresh()
    assert (kept["gender"], kept["active"]) == ("female", True)
    assert kept.refresh()["meta"]["versionId"] == "4"  # not modified: as it was
    patient.delete()
    with pytest.raises(ResourceNotFound):
        client.reference("Patient", patient.id).to_resource()


def test_what_a_patch_leaves_invalid_is_refused_and_nothing_changed(client: SyncFHIRClient) -> None:
    patient = client.resource(**person(1)).save()
    with pytest.raises(OperationOutcome) as refused:
        client.patch("Patient", patient.id, gender="F")
    assert refused.value.resource["issue"][0]["expression"] == ["Patient.gender"]
    assert client.get("Patient", patient.id)["meta"]["versionId"] == "1"


def test_it_creates_once_what_it_asks_for_by_condition(client: SyncFHIRClient) -> None:
    patients = client.resources("Patient")
    by_number = patients.search(identifier=f"{SYSTEM}|M1")
    first, created = by_number.get_or_create(client.resource(**person(1)))
    again, created_again = by_number.get_or_create(client.resource(**person(1)))
    assert (created, created_again, again.id == first.id, patients.count()) == (True, False, True, 1)
    changed, created_by_update = by_number.update(client.resource(**person(1, "Okafor")))
    assert (created_by_update, changed.id == first.id, changed["name"][0]["family"]) == (False, True, "Okafor")
    assert patients.count() == 1


def test_it_searches_through_references_and_pages_to_the_end(client: SyncFHIRClient) -> None:
    reed, okafor = (client.resource(**person(n, name)).save() for n, name in ((1, "Reed"), (2, "Okafor")))
    for value in range(7):
        client.resource(**glucose(reed.to_reference(), 90 + value)).save()
    client.resource(**glucose(okafor.to_reference(), 130)).save()
    observations = client.resources("Observation")
    of_reed = observations.search(patient__Patient__name="reed", code=f"{LOINC}|2339-0").limit(3)
    assert sorted(each["valueQuantity"]["value"] for each in of_reed.fetch_all()) == [90, 91, 92, 93, 94, 95, 96]
    assert len(of_reed.fetch()) == 3
    with_patient = observations.search(value_quantity__ge="130").include("Observation", "subject").fetch_raw()
    assert [entry.resource.reference for entry in with_patient.entry][1:] == [okafor.reference]
    assert client.resources("Patient").has("Observation", "patient", value_quantity="gt100").get().id == okafor.id
    assert [each.id for each in client.resources("Patient").sort("-birthdate").fetch()] == [okafor.id, reed.id]
    assert with_patient.entry[0].resource["subject"].to_resource()["name"][0]["family"] == "Okafor"


def test_a_transaction_is_stored_as_a_whole_or_not_at_all(client: SyncFHIRClient) -> None:
    def bundle(status: str) -> dict[str, Any]:
        subject = "urn:uuid:00000000-0000-4000-8000-000000000001"
        resources = [
            (subject, person(1)),
            (subject[:-1] + "2", {**glucose({"reference": subject}, 92.5), "status": status}),
        ]
        return {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {
                    "fullUrl": url,
                    "resource": client.resource(**resource).serialize(),
                    "request": {"method": "POST", "url": resource["resource_type"]},
                }
                for url, resource in resources
            ],
        }

    with pytest.raises(OperationOutcome) as refused:
        client.execute("", data=bundle("finished"))
    assert refused.value.resource["issue"][0]["expression"] == ["Bundle.entry[1].resource.status"]
    assert client.resources("Patient").count() == 0
    answer = client.execute("", data=bundle("final"))
    assert [entry.response.status[:3] for entry in answer.entry] == ["201", "201"]
    assert client.resources("Observation").search(patient__identifier=f"{SYSTEM}|M1").get()["status"] == "final"


def test_what_is_wrong_is_raised_as_the_librarys_own_error(client: SyncFHIRClient, registration: Registration) -> None:
    invalid = client.resource("Patient", gender="F")
    with pytest.raises(OperationOutcome) as refused:
        invalid.save()
    assert refused.value.resource["issue"][0]["code"] == "code-invalid"
    assert (invalid.is_valid(), client.resource("Patient", gender="female").is_valid()) == (False, True)
    patient = client.resource(**person(1)).save()
    stale = SyncFHIRClient(registration.base, client.authorization, extra_headers={"If-Match": 'W/"2"'})
    with pytest.raises(MultipleResourcesFound, match="conflict"):  # what the library calls every 412
        stale.resource("Patient", **patient.serialize()).save()
    reader = SyncFHIRClient(registration.base, authorization=token(registration, "system/Patient.rs"))
    with pytest.raises(ForbiddenError):
        reader.resource(**person(2)).save()
    with pytest.raises(AuthorizationError):
        SyncFHIRClient(registration.base, authorization="Bearer nobody").resources("Patient").fetch()
    assert [each.id for each in reader.resources("Patient").fetch()] == [patient.id]


def in_event_loop(work: Callable[[AsyncFHIRClient], Awaitable[None]], registration: Registration) -> None:
    """Runs in a thread of its own: the main one may hold the event loop of a browser that another test left open."""

    async def run() -> None:
        await work(AsyncFHIRClient(registration.base, authorization=token(registration)))

    with ThreadPoolExecutor(1) as executor:
        executor.submit(lambda: asyncio.run(run())).result()


def test_asyncio_writes_side_by_side_reads_and_pages(registration: Registration) -> None:
    async def work(client: AsyncFHIRClient) -> None:
        patient = await client.resource(**person(1)).save()
        await asyncio.gather(*(client.resource(**glucose(patient.to_reference(), 90 + n)).save() for n in range(7)))
        found = client.resources("Observation").search(subject__Patient__name="reed").limit(3)
        values = [each["valueQuantity"]["value"] async for each in found]
        assert sorted(values) == [90, 91, 92, 93, 94, 95, 96]
        first = await found.sort("value-quantity").first()
        assert first is not None
        resolved = await first["subject"].to_resource()
        assert resolved["name"][0]["family"] == "Reed"
        await resolved.patch(active=True)
        assert (await client.get("Patient", patient.id))["active"] is True

    in_event_loop(work, registration)


def test_asyncio_raises_the_librarys_own_errors(registration: Registration) -> None:
    async def work(client: AsyncFHIRClient) -> None:
        with pytest.raises(OperationOutcome) as refused:
            await client.resource("Patient", gender="F").save()
        assert refused.value.resource["issue"][0]["expression"] == ["Patient.gender"]
        patient = await client.resource(**person(1)).save()
        await patient.delete()
        with pytest.raises(ResourceNotFound):
            await client.get("Patient", patient.id)
        stale = AsyncFHIRClient(registration.base, client.authorization, extra_headers={"If-Match": 'W/"7"'})
        kept = await client.resource(**person(2)).save()
        with pytest.raises(MultipleResourcesFound, match="conflict"):
            await stale.resource("Patient", **kept.serialize()).save()

    in_event_loop(work, registration)

"""fhirclient, the SMART project's client, as its documentation says: the product needs no special care."""

import pytest
import requests
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle, BundleEntry, BundleEntryRequest
from fhirclient.models.codeableconcept import CodeableConcept
from fhirclient.models.encounter import Encounter
from fhirclient.models.fhirdate import FHIRDate
from fhirclient.models.fhirreference import FHIRReference
from fhirclient.models.humanname import HumanName
from fhirclient.models.identifier import Identifier
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirclient.models.quantity import Quantity
from fhirclient.server import FHIRNotFoundException, FHIRPermissionDeniedException, FHIRUnauthorizedException

from ehr.access.actions import register_client
from ehr.access.permissions import operator
from ehr.lib import clock
from tests.access.assertions import claims, key_set, signed
from tests.fhir.clients.conftest import SCOPE, Registration

SYSTEM = "http://example.org/mrn"


def connected(registration: Registration, scope: str = SCOPE) -> FHIRClient:
    client = FHIRClient(
        settings={
            "app_id": registration.client_id,
            "app_secret": registration.secret,
            "api_base": registration.base,
            "scope": scope,
        }
    )
    assert client.prepare() is False  # an authorization is asked for, and where to get it is understood
    client.authorize()
    assert client.ready is True
    return client


@pytest.fixture
def client(registration: Registration) -> FHIRClient:
    return connected(registration)


def patient(number: int, family: str = "Reed") -> Patient:
    made = Patient()
    made.identifier = [Identifier({"system": SYSTEM, "value": f"M{number}"})]
    made.name = [HumanName({"family": family, "given": ["Rosa", "J."]})]
    made.gender = "female"
    made.birthDate = FHIRDate(f"{1980 + 4 * number}-02-29")
    return made


def observation(subject: str, value: float) -> Observation:
    made = Observation()
    made.status = "final"
    made.code = CodeableConcept({"coding": [{"system": "http://loinc.org", "code": "2339-0"}]})
    made.subject = FHIRReference({"reference": subject})
    made.valueQuantity = Quantity(
        {"value": value, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"}
    )
    return made


def created(resource: Patient | Observation, client: FHIRClient) -> str:
    """The reference under which the server keeps what was sent."""
    answer = resource.create(client.server)
    return f"{answer['resourceType']}/{answer['id']}"


def outcome(fault: requests.HTTPError) -> tuple[int, str, list[str]]:
    """Status, and code and expression of the first issue of the OperationOutcome that the library hands on."""
    body = fault.response.json()
    assert body["resourceType"] == "OperationOutcome"
    return fault.response.status_code, body["issue"][0]["code"], body["issue"][0].get("expression", [])


def test_it_reads_what_it_has_written_and_changes_and_deletes_it(client: FHIRClient) -> None:
    id_ = created(patient(1), client).split("/")[1]
    read = Patient.read(id_, client.server)
    assert (read.name[0].family, read.birthDate.isostring, read.meta.versionId) == ("Reed", "1984-02-29", "1")
    read.name[0].family = "Reed-Okafor"
    assert read.update(client.server)["meta"]["versionId"] == "2"
    again = Patient.read(id_, client.server)
    assert (again.name[0].family, again.gender, again.as_json()["identifier"]) == (
        "Reed-Okafor",
        "female",
        [{"system": SYSTEM, "value": "M1"}],
    )
    assert again.delete(client.server) is None
    with pytest.raises(requests.HTTPError) as gone:
        Patient.read(id_, client.server)
    assert outcome(gone.value)[:2] == (410, "deleted")


def test_it_follows_the_pages_of_a_search_to_the_end(client: FHIRClient) -> None:
    for number in range(7):
        patient(number).create(client.server)
    patient(9, "Okafor").create(client.server)
    search = Patient.where({"family": "reed", "_count": "3", "_sort": "-birthdate"})
    pages = list(search.perform_iter(client.server))
    values = [entry.resource.identifier[0].value for page in pages for entry in page.entry]
    assert (values, [len(page.entry) for page in pages]) == (["M6", "M5", "M4", "M3", "M2", "M1", "M0"], [3, 3, 1])


def test_it_searches_through_references_includes_and_resolves_them(client: FHIRClient) -> None:
    reed, okafor = created(patient(1), client), created(patient(2, "Okafor"), client)
    for subject, value in ((reed, 92.5), (okafor, 130.0), (okafor, 131.0)):
        observation(subject, value).create(client.server)
    chained = Observation.where({"subject:Patient.name": "okafor"}).include("subject")
    found = list(chained.perform_resources_iter(client.server))
    assert [(each.resource_type, each.id) for each in found if each.resource_type == "Patient"] == [
        tuple(okafor.split("/"))
    ]
    values = sorted(each.valueQuantity.value for each in found if each.resource_type == "Observation")
    assert values == [130.0, 131.0]
    glucose = next(
        Observation.where({"code": "http://loinc.org|2339-0", "subject": reed}).perform_resources_iter(client.server)
    )
    assert glucose.subject.resolved(Patient).name[0].family == "Reed"
    reverse = Patient.where({"_id": reed.split("/")[1]}).include("subject", Observation, reverse=True)
    assert sorted(each.resource_type for each in reverse.perform_resources_iter(client.server)) == [
        "Observation",
        "Patient",
    ]


def test_a_transaction_is_stored_as_a_whole(client: FHIRClient) -> None:
    def entry(resource: Patient | Encounter | Observation, url: str) -> BundleEntry:
        made = BundleEntry({"fullUrl": url})
        made.resource = resource
        made.request = BundleEntryRequest({"method": "POST", "url": resource.resource_type})
        return made

    person, visit = "urn:uuid:00000000-0000-4000-8000-000000000001", "urn:uuid:00000000-0000-4000-8000-000000000002"
    encounter = Encounter(
        {
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": {"reference": person},
        }
    )
    glucose = observation(person, 92.5)
    glucose.encounter = FHIRReference({"reference": visit})
    bundle = Bundle({"type": "transaction"})
    bundle.entry = [entry(glucose, visit[:-1] + "3"), entry(encounter, visit), entry(patient(1), person)]
    answer = Bundle(bundle.create(client.server))
    assert [each.response.status[:3] for each in answer.entry] == ["201", "201", "201"]
    stored = next(Observation.where({"patient.identifier": f"{SYSTEM}|M1"}).perform_resources_iter(client.server))
    assert stored.encounter.resolved(Encounter).status == "finished"


def test_what_is_wrong_comes_back_as_the_librarys_own_error(client: FHIRClient) -> None:
    wrong = patient(1)
    wrong.gender = "F"
    with pytest.raises(requests.HTTPError) as refused:
        wrong.create(client.server)
    assert outcome(refused.value) == (422, "code-invalid", ["Patient.gender"])
    with pytest.raises(FHIRNotFoundException) as absent:
        Patient.read("absent", client.server)
    assert absent.value.response.json()["issue"][0]["code"] == "not-found"
    assert list(Patient.where({}).perform_resources_iter(client.server)) == []


def test_rights_are_those_of_the_token(registration: Registration) -> None:
    reader = connected(registration, "system/Patient.rs")
    assert list(Patient.where({}).perform_resources_iter(reader.server)) == []
    with pytest.raises(FHIRPermissionDeniedException):
        patient(1).create(reader.server)
    reader.server.auth.access_token = "a-token-of-nobody"
    with pytest.raises(FHIRUnauthorizedException):
        Patient.read("absent", reader.server)


def test_it_signs_in_by_an_assertion_instead_of_a_secret(registration: Registration) -> None:
    made = register_client(actor=operator("tests"), name="by key", scope=SCOPE, jwks=key_set())
    assertion = signed(claims(made.client.client_id, clock.now(), aud=registration.token_url))
    client = FHIRClient(
        settings={
            "app_id": made.client.client_id,
            "api_base": registration.base,
            "scope": SCOPE,
            "jwt_token": assertion,
        }
    )
    client.prepare()
    client.authorize()
    assert created(patient(1), client).startswith("Patient/")

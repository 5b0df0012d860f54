"""Owners' rules as a client meets them: through the store, allowed and refused from one set-up."""

import pytest

from ehr.administration.models import Coverage, Encounter, Location, Patient
from ehr.fhir.errors import RuleViolated
from ehr.fhir.registry import owners
from tests import factories
from tests.factories import put, reference_to

pytestmark = pytest.mark.usefixtures("db")


def test_every_type_of_the_first_part_has_an_owner() -> None:
    assert sorted(owners) == [
        "AllergyIntolerance", "Condition", "Coverage", "DiagnosticReport", "DocumentReference", "Encounter",
        "Immunization", "Location", "MedicationRequest", "Observation", "Organization", "Patient", "Practitioner",
        "PractitionerRole", "Procedure",
    ]  # fmt: skip


def test_a_patient_may_be_linked_to_another_but_not_to_itself() -> None:
    one, other = factories.patient(), factories.patient()
    one["link"] = [{"other": reference_to(other), "type": "seealso"}]
    put(one, other)
    with pytest.raises(RuleViolated) as refused:
        put(one | {"link": [{"other": reference_to(one), "type": "seealso"}]})
    assert [issue.expression for issue in refused.value.issues] == ["Patient.link[0].other"]


def test_an_encounter_entered_in_error_stays_so() -> None:
    patient = factories.patient()
    stay = factories.encounter(patient)
    put(patient, stay)
    put(stay | {"status": "entered-in-error"})
    with pytest.raises(RuleViolated) as refused:
        put(stay | {"status": "finished"})
    assert [issue.expression for issue in refused.value.issues] == ["Encounter.status"]
    assert Encounter.objects.get(fhir_id=stay["id"]).status == "entered-in-error"


def test_columns_follow_the_resource_and_refer_to_each_other() -> None:
    patient, hospital, doctor = factories.patient(), factories.organization(), factories.practitioner()
    ward = factories.location(hospital)
    stay = factories.encounter(
        patient,
        serviceProvider=reference_to(hospital),
        location=[{"location": reference_to(ward) | {"display": "6 West"}, "status": "active"}],
        participant=[{"individual": reference_to(doctor) | {"display": "R. Adler, MD"}}],
    )
    cover = factories.coverage(patient, hospital)
    put(stay, cover, ward, doctor, hospital, patient)  # what is referred to may come last

    row = Encounter.objects.select_related("patient", "service_provider", "location", "attending").get(
        fhir_id=stay["id"]
    )
    assert (row.patient.fhir_id, row.service_provider.name, row.location.name, row.attending.name) == (
        patient["id"],
        "Test Hospital",
        "6 West",
        "R. Adler, MD",
    )
    assert Coverage.objects.get(beneficiary=row.patient).payor_id == row.service_provider_id
    assert Location.objects.get(fhir_id=ward["id"]).managing_organization_id == row.service_provider_id

    put(patient | {"gender": "other"})
    assert Patient.objects.get(fhir_id=patient["id"]).gender == "other"

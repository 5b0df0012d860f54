from django.db import models

from ehr.fhir import columns
from ehr.fhir.models import Projection
from ehr.record.choices import AllergyClinical, AllergyStatement, AllergyVerification


class AllergyIntolerance(Projection):
    """FHIR AllergyIntolerance; HL7 v2 IAM, AL1.

    `statement` tells an allergy from "no known allergy" and from "unable to obtain", which FHIR all writes into `code`.
    `reaction` names the manifestations of every reaction ("anaphylaxis, rash"); `severity` is the worst of them.
    """

    patient = columns.target("administration.Patient", indexed=False)
    encounter = columns.target("administration.Encounter")
    clinical_status = columns.code(AllergyClinical.choices)
    verification_status = columns.code(AllergyVerification.choices)
    statement = columns.code(AllergyStatement.choices)
    type = columns.code()
    category = columns.codes()
    criticality = columns.code()
    code_system = columns.code()
    code = columns.code()
    display = columns.words()
    reaction = columns.words()
    severity = columns.code()
    recorded_date = columns.partial_date()
    recorded_date_low = columns.instant()
    recorded_date_high = columns.instant()

    class Meta(Projection.Meta):
        indexes = [models.Index(fields=["patient", "clinical_status"], name="record_allergy_chart")]

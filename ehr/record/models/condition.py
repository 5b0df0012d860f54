from django.db import models

from ehr.fhir import columns
from ehr.fhir.models import Projection
from ehr.record.choices import ConditionClinical, ConditionVerification


class Condition(Projection):
    """FHIR Condition; HL7 v2 PRB, DG1."""

    patient = columns.target("administration.Patient", indexed=False)
    encounter = columns.target("administration.Encounter")
    clinical_status = columns.code(ConditionClinical.choices)
    verification_status = columns.code(ConditionVerification.choices)
    category = columns.codes()
    code_system = columns.code()
    code = columns.code()
    display = columns.words()
    severity_code = columns.code()
    severity_display = columns.words()
    onset = columns.partial_date()
    onset_low = columns.instant()
    onset_high = columns.instant()
    abatement = columns.partial_date()
    abatement_low = columns.instant()
    abatement_high = columns.instant()
    recorded_date = columns.partial_date()
    recorded_date_low = columns.instant()
    recorded_date_high = columns.instant()

    class Meta(Projection.Meta):
        indexes = [models.Index(fields=["patient", "clinical_status"], name="record_condition_chart")]

from django.db import models

from ehr.fhir import columns
from ehr.fhir.models import Projection
from ehr.record.choices import EventStatus


class Procedure(Projection):
    """FHIR Procedure; HL7 v2 PR1."""

    patient = columns.target("administration.Patient", indexed=False)
    encounter = columns.target("administration.Encounter")
    status = columns.code(EventStatus.choices)
    category_code = columns.code()
    code_system = columns.code()
    code = columns.code()
    display = columns.words()
    performed = columns.partial_date()
    performed_low = columns.instant()
    performed_high = columns.instant()

    class Meta(Projection.Meta):
        indexes = [models.Index(fields=["patient", "-performed_low"], name="record_procedure_chart")]

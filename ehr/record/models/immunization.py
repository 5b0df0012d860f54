from django.db import models

from ehr.fhir import columns
from ehr.fhir.models import Projection
from ehr.record.choices import EventStatus


class Immunization(Projection):
    """FHIR Immunization; HL7 v2 RXA (VXU). `code` is the vaccine's, CVX before any other system."""

    patient = columns.target("administration.Patient", indexed=False)
    encounter = columns.target("administration.Encounter")
    status = columns.code(EventStatus.choices)
    code_system = columns.code()
    code = columns.code()
    display = columns.words()
    occurrence = columns.partial_date()
    occurrence_low = columns.instant()
    occurrence_high = columns.instant()
    lot_number = columns.words()
    primary_source = models.BooleanField(null=True)

    class Meta(Projection.Meta):
        indexes = [models.Index(fields=["patient", "-occurrence_low"], name="record_immunization_chart")]

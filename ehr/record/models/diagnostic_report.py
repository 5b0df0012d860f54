from django.contrib.postgres.fields import ArrayField
from django.db import models

from ehr.fhir import columns
from ehr.fhir.models import Projection
from ehr.record.choices import DiagnosticReportStatus


class DiagnosticReport(Projection):
    """FHIR DiagnosticReport; HL7 v2 OBR. `results` holds the keys of its Observations, in the order of the report."""

    patient = columns.target("administration.Patient", indexed=False)
    encounter = columns.target("administration.Encounter")
    status = columns.code(DiagnosticReportStatus.choices)
    category = columns.codes()
    code_system = columns.code()
    code = columns.code()
    display = columns.words()
    effective = columns.partial_date()
    effective_low = columns.instant()
    effective_high = columns.instant()
    issued = columns.instant()
    conclusion = columns.words()
    results = ArrayField(models.BigIntegerField())

    class Meta(Projection.Meta):
        indexes = [models.Index(fields=["patient", "-effective_low"], name="record_report_chart")]

from django.db import models

from ehr.administration.choices import FinancialResourceStatus
from ehr.fhir import columns
from ehr.fhir.models import Projection


class Coverage(Projection):
    """FHIR Coverage; HL7 v2 IN1. `position` is the order in which coverages are billed (Coverage.order)."""

    status = columns.code(FinancialResourceStatus.choices)
    beneficiary = columns.target("administration.Patient", indexed=False)
    payor = columns.target("administration.Organization")
    payor_display = columns.words()
    type_code = columns.code()
    type_display = columns.words()
    subscriber_id = columns.words()
    plan_name = columns.words()
    position = models.IntegerField(null=True)
    period_start = columns.partial_date()
    period_end = columns.partial_date()
    period_low = columns.instant()
    period_high = columns.instant()

    class Meta(Projection.Meta):
        indexes = [models.Index(fields=["beneficiary", "status"], name="administration_coverage_chart")]

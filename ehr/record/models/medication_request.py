from django.db import models

from ehr.fhir import columns
from ehr.fhir.models import Projection
from ehr.lib.columns import NumericField
from ehr.record.choices import MedicationRequestIntent, MedicationRequestStatus


class MedicationRequest(Projection):
    """FHIR MedicationRequest; HL7 v2 RXO, RXE.

    The parts of the medication line (NHS CUI: name — dose — route — frequency) come from the first dosage instruction:
    `dose` "160 mg", `route` "oral", `timing` "every 12 hours"; `dosage_text` is the instruction as its author wrote it.
    """

    patient = columns.target("administration.Patient", indexed=False)
    encounter = columns.target("administration.Encounter")
    status = columns.code(MedicationRequestStatus.choices)
    status_reason = columns.words()
    intent = columns.code(MedicationRequestIntent.choices)
    category = columns.codes()
    reported = models.BooleanField()
    code_system = columns.code()
    code = columns.code()
    display = columns.words()
    dose = columns.words()
    dose_number = NumericField(null=True)
    dose_unit = columns.words()
    route = columns.words()
    timing = columns.words()
    as_needed = models.BooleanField()
    dosage_text = columns.words()
    requester_display = columns.words()
    authored_on = columns.partial_date()
    authored_on_low = columns.instant()
    authored_on_high = columns.instant()

    class Meta(Projection.Meta):
        indexes = [models.Index(fields=["patient", "status"], name="record_medication_chart")]

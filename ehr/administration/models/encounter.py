from django.db import models

from ehr.administration.choices import EncounterStatus
from ehr.fhir import columns
from ehr.fhir.models import Projection


class Encounter(Projection):
    """FHIR Encounter; HL7 v2 PV1.

    `location` is where the patient is, or was last; `attending` the attending practitioner, else the first one named.
    An open period has no `period_high`.
    """

    fhir_id = columns.code()
    status = columns.code(EncounterStatus.choices)
    class_code = columns.code()
    type_code = columns.code()
    type_display = columns.words()
    patient = columns.target("administration.Patient", indexed=False)
    period_start = columns.partial_date()
    period_end = columns.partial_date()
    period_low = columns.instant()
    period_high = columns.instant()
    reason_text = columns.words()
    service_provider = columns.target("administration.Organization")
    location = columns.target("administration.Location")
    location_display = columns.words()
    attending = columns.target("administration.Practitioner")
    attending_display = columns.words()

    class Meta(Projection.Meta):
        indexes = [
            models.Index(fields=["patient", "-period_low"], name="administration_encounter_chart"),
            models.Index(fields=["status", "patient"], name="administration_encounter_now"),
        ]

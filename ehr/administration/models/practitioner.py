from django.db import models

from ehr.fhir import columns
from ehr.fhir.models import Projection


class Practitioner(Projection):
    """FHIR Practitioner; HL7 v2 STF.

    `name` is the name as displayed among staff: "L. Sørensen, MD". `npi` is the US National Provider Identifier.
    """

    fhir_id = columns.code()
    active = models.BooleanField()
    name = columns.words()
    family = columns.words()
    given = columns.words()
    npi = columns.words()


class PractitionerRole(Projection):
    """FHIR PractitionerRole; HL7 v2 PRA."""

    active = models.BooleanField()
    practitioner = columns.target("administration.Practitioner")
    organization = columns.target("administration.Organization")
    code = columns.code()
    display = columns.words()
    specialty_code = columns.code()
    specialty_display = columns.words()
    period_start = columns.partial_date()
    period_end = columns.partial_date()
    period_low = columns.instant()
    period_high = columns.instant()

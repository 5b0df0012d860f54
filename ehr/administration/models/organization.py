from django.db import models

from ehr.fhir import columns
from ehr.fhir.models import Projection


class Organization(Projection):
    """FHIR Organization; HL7 v2 ORG."""

    fhir_id = columns.code()
    active = models.BooleanField()
    name = columns.words()
    type_code = columns.code()
    type_display = columns.words()
    npi = columns.words()
    part_of = columns.target("administration.Organization")

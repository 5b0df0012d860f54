from ehr.administration.choices import LocationStatus
from ehr.fhir import columns
from ehr.fhir.models import Projection


class Location(Projection):
    """FHIR Location; HL7 v2 PL.

    `physical_type` is a code of http://terminology.hl7.org/CodeSystem/location-physical-type (wa ward, bd bed).
    """

    fhir_id = columns.code()
    status = columns.code(LocationStatus.choices)
    name = columns.words()
    type_code = columns.code()
    type_display = columns.words()
    physical_type = columns.code()
    part_of = columns.target("administration.Location")
    managing_organization = columns.target("administration.Organization")

"""Who is cared for, by whom, where, in which encounter, and who pays: typed columns projected from the record store."""

from ehr.administration.models.coverage import Coverage
from ehr.administration.models.encounter import Encounter
from ehr.administration.models.location import Location
from ehr.administration.models.organization import Organization
from ehr.administration.models.patient import Patient
from ehr.administration.models.practitioner import Practitioner, PractitionerRole

__all__ = ["Coverage", "Encounter", "Location", "Organization", "Patient", "Practitioner", "PractitionerRole"]

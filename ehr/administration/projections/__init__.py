"""What the columns of each model hold, computed from the resource alone: pure, total, never an error."""

from ehr.administration.projections.coverage import project_coverage
from ehr.administration.projections.encounter import project_encounter
from ehr.administration.projections.location import project_location
from ehr.administration.projections.organization import project_organization
from ehr.administration.projections.patient import project_patient
from ehr.administration.projections.practitioner import project_practitioner, project_practitioner_role

__all__ = [
    "project_coverage",
    "project_encounter",
    "project_location",
    "project_organization",
    "project_patient",
    "project_practitioner",
    "project_practitioner_role",
]

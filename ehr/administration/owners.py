"""The resource types that administration owns."""

from ehr.administration import models, projections, rules
from ehr.fhir.checks import check_by
from ehr.fhir.registry import Owner
from ehr.fhir.rules import error_is_final

OWNERS = (
    Owner(
        "Patient",
        models.Patient,
        projections.project_patient,
        check_by(rules.no_link_to_itself, rules.death_follows_birth),
    ),
    Owner("Practitioner", models.Practitioner, projections.project_practitioner),
    Owner("PractitionerRole", models.PractitionerRole, projections.project_practitioner_role),
    Owner("Organization", models.Organization, projections.project_organization),
    Owner("Location", models.Location, projections.project_location),
    Owner("Encounter", models.Encounter, projections.project_encounter, check_by(error_is_final, rules.period_forward)),
    Owner("Coverage", models.Coverage, projections.project_coverage, check_by(error_is_final, rules.period_forward)),
)

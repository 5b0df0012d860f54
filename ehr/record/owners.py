"""The resource types that the record owns."""

from ehr.fhir.checks import check_by
from ehr.fhir.registry import Owner
from ehr.fhir.rules import error_is_final
from ehr.record import models, projections

OWNERS = tuple(
    Owner(model.__name__, model, project, check_by(error_is_final))
    for model, project in (
        (models.AllergyIntolerance, projections.project_allergy_intolerance),
        (models.Condition, projections.project_condition),
        (models.DiagnosticReport, projections.project_diagnostic_report),
        (models.DocumentReference, projections.project_document_reference),
        (models.Immunization, projections.project_immunization),
        (models.MedicationRequest, projections.project_medication_request),
        (models.Observation, projections.project_observation),
        (models.Procedure, projections.project_procedure),
    )
)

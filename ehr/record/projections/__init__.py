"""What the columns of each model hold, computed from the resource alone: pure, total, never an error."""

from ehr.record.projections.allergy_intolerance import project_allergy_intolerance
from ehr.record.projections.condition import project_condition
from ehr.record.projections.diagnostic_report import project_diagnostic_report
from ehr.record.projections.document_reference import project_document_reference
from ehr.record.projections.immunization import project_immunization
from ehr.record.projections.medication_request import project_medication_request
from ehr.record.projections.observation import project_observation
from ehr.record.projections.procedure import project_procedure

__all__ = [
    "project_allergy_intolerance",
    "project_condition",
    "project_diagnostic_report",
    "project_document_reference",
    "project_immunization",
    "project_medication_request",
    "project_observation",
    "project_procedure",
]

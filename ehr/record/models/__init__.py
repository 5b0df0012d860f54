"""What is known of a patient's health: typed columns projected from the record store."""

from ehr.record.models.allergy_intolerance import AllergyIntolerance
from ehr.record.models.condition import Condition
from ehr.record.models.diagnostic_report import DiagnosticReport
from ehr.record.models.document_reference import DocumentReference
from ehr.record.models.immunization import Immunization
from ehr.record.models.medication_request import MedicationRequest
from ehr.record.models.observation import Observation
from ehr.record.models.procedure import Procedure

__all__ = [
    "AllergyIntolerance",
    "Condition",
    "DiagnosticReport",
    "DocumentReference",
    "Immunization",
    "MedicationRequest",
    "Observation",
    "Procedure",
]

"""The roles that every tenant starts with, and what each may do.

An entry is a function (``record.open-chart``) or rights on a FHIR type by the letters c r u d s (``Observation.crus``).
Nothing clinical is deleted by a role: corrections are ``entered-in-error``.
"""

from dataclasses import dataclass

FUNCTIONS: dict[str, str] = {
    "access.all-patients": "Reach every patient of the facility whose record is not restricted",
    "access.break-glass": "Open a restricted record in an emergency, with a reason, for a few hours",
    "access.relate": "Put colleagues in a care relationship with a patient, and end it",
    "access.restrict": "Restrict a patient's record, and lift a restriction",
    "access.manage-users": "Create users, give and take roles, deactivate",
    "access.manage-clients": "Register client systems, revoke their tokens, end them",
    "administration.search": "Search for patients",
    "administration.register": "Register patients and keep their demographics",
    "record.open-chart": "Open a patient's chart",
    "audit.read": "Read the audit trail",
    "fhir.read-imports": "Read what imports stored and what they refused, with the refused content",
}


@dataclass(frozen=True, slots=True)
class RoleContent:
    """One role as shipped: its stable name, the words people see, and its permissions."""

    name: str
    label: str
    permissions: tuple[str, ...]


_REFERENCE_DATA = (
    "Practitioner.rs",
    "PractitionerRole.rs",
    "Organization.rs",
    "Location.rs",
    "HealthcareService.rs",
    "Medication.rs",
    "CodeSystem.rs",
    "ValueSet.rs",
)
_DEMOGRAPHICS = ("Patient.rs", "RelatedPerson.rs")
_CHART = (
    "access.all-patients",
    "access.break-glass",
    "administration.search",
    "record.open-chart",
    *_REFERENCE_DATA,
    *_DEMOGRAPHICS,
    "Encounter.rs",
    "Condition.rs",
    "AllergyIntolerance.rs",
    "Observation.rs",
    "Procedure.rs",
    "Immunization.rs",
    "MedicationRequest.rs",
    "MedicationStatement.rs",
    "MedicationAdministration.rs",
    "MedicationDispense.rs",
    "ServiceRequest.rs",
    "DiagnosticReport.rs",
    "DocumentReference.rs",
    "ImagingStudy.rs",
    "Specimen.rs",
    "CarePlan.rs",
    "CareTeam.rs",
    "Goal.rs",
    "Task.rs",
    "Appointment.rs",
    "Coverage.rs",
)
_PRESCRIBER = (
    *_CHART,
    "access.relate",
    "Encounter.u",
    "Condition.cu",
    "AllergyIntolerance.cu",
    "Observation.cu",
    "Procedure.cu",
    "Immunization.cu",
    "MedicationRequest.cu",
    "MedicationStatement.cu",
    "ServiceRequest.cu",
    "DiagnosticReport.cu",
    "DocumentReference.cu",
    "CarePlan.cu",
    "CareTeam.cu",
    "Goal.cu",
    "Task.cu",
)

CATALOGUE: tuple[RoleContent, ...] = (
    RoleContent(
        "registrar",
        "Registrar",
        (
            "access.all-patients",
            "access.relate",
            "administration.search",
            "administration.register",
            *_REFERENCE_DATA,
            "Patient.crus",
            "RelatedPerson.crus",
            "Coverage.crus",
            "Encounter.crus",
            "Appointment.rs",
            "Account.crus",
        ),
    ),
    RoleContent("physician", "Physician", _PRESCRIBER),
    RoleContent(
        "nurse",
        "Nurse",
        (
            *_CHART,
            "access.relate",
            "AllergyIntolerance.cu",
            "Observation.cu",
            "Procedure.cu",
            "Immunization.cu",
            "MedicationStatement.cu",
            "MedicationAdministration.cu",
            "Specimen.cu",
            "DocumentReference.cu",
            "CarePlan.cu",
            "Goal.cu",
            "Task.cu",
        ),
    ),
    RoleContent(
        "pharmacist",
        "Pharmacist",
        (
            *_CHART,
            "AllergyIntolerance.cu",
            "MedicationRequest.u",
            "MedicationDispense.cu",
            "MedicationStatement.cu",
            "DocumentReference.cu",
            "Task.cu",
        ),
    ),
    RoleContent(
        "lab_technologist",
        "Laboratory technologist",
        (*_CHART, "ServiceRequest.u", "Specimen.cu", "Observation.cu", "DiagnosticReport.cu", "Task.cu"),
    ),
    RoleContent(
        "radiologist",
        "Radiologist",
        (*_CHART, "ServiceRequest.u", "DiagnosticReport.cu", "Observation.cu", "DocumentReference.cu", "Task.cu"),
    ),
    RoleContent(
        "radiology_technologist",
        "Radiology technologist",
        (*_CHART, "ServiceRequest.u", "ImagingStudy.cu", "Procedure.cu", "Observation.cu", "Task.cu"),
    ),
    RoleContent("surgeon", "Surgeon", _PRESCRIBER),
    RoleContent("anesthesiologist", "Anesthesiologist", (*_PRESCRIBER, "MedicationAdministration.cu")),
    RoleContent(
        "scheduler",
        "Scheduler",
        (
            "access.all-patients",
            "access.relate",
            "administration.search",
            *_REFERENCE_DATA,
            *_DEMOGRAPHICS,
            "Coverage.rs",
            "Encounter.rs",
            "Appointment.crus",
            "Schedule.crus",
            "Slot.crus",
        ),
    ),
    RoleContent(
        "coder",
        "Coder",
        (
            "access.all-patients",
            "administration.search",
            "record.open-chart",
            *_REFERENCE_DATA,
            *_DEMOGRAPHICS,
            "Encounter.rs",
            "Condition.crus",
            "Procedure.rus",
            "Observation.rs",
            "DiagnosticReport.rs",
            "DocumentReference.rs",
            "Account.rs",
            "ChargeItem.crus",
        ),
    ),
    RoleContent(
        "biller",
        "Biller",
        (
            "access.all-patients",
            "administration.search",
            *_REFERENCE_DATA,
            *_DEMOGRAPHICS,
            "Coverage.crus",
            "Encounter.rs",
            "Account.crus",
            "ChargeItem.crus",
            "Claim.crus",
            "ClaimResponse.rs",
            "ExplanationOfBenefit.rs",
            "PaymentReconciliation.crus",
        ),
    ),
    # Reaches nobody but themselves: without access.all-patients only User.patient_id and grants of kind self count.
    RoleContent("patient", "Patient", ("record.open-chart",)),
    RoleContent(
        "privacy_officer",
        "Privacy officer",
        (
            "access.all-patients",
            "access.restrict",
            "access.relate",
            "administration.search",
            "audit.read",
            *_DEMOGRAPHICS,
            "AuditEvent.rs",
            "Consent.crus",
        ),
    ),
    RoleContent(
        "administrator",
        "Administrator",
        (
            "access.manage-users",
            "access.manage-clients",
            "fhir.read-imports",
            "Practitioner.crus",
            "PractitionerRole.crus",
            "Organization.crus",
            "Location.crus",
            "HealthcareService.crus",
        ),
    ),
)

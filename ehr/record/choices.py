"""Codes of FHIR R4's required bindings, verbatim, and of the few code systems that rules depend on."""

from django.db.models import TextChoices


class ConditionClinical(TextChoices):
    """http://hl7.org/fhir/ValueSet/condition-clinical"""

    ACTIVE = "active"
    RECURRENCE = "recurrence"
    RELAPSE = "relapse"
    INACTIVE = "inactive"
    REMISSION = "remission"
    RESOLVED = "resolved"


class ConditionVerification(TextChoices):
    """http://hl7.org/fhir/ValueSet/condition-ver-status"""

    UNCONFIRMED = "unconfirmed"
    PROVISIONAL = "provisional"
    DIFFERENTIAL = "differential"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    ENTERED_IN_ERROR = "entered-in-error"


class AllergyClinical(TextChoices):
    """http://hl7.org/fhir/ValueSet/allergyintolerance-clinical"""

    ACTIVE = "active"
    INACTIVE = "inactive"
    RESOLVED = "resolved"


class AllergyVerification(TextChoices):
    """http://hl7.org/fhir/ValueSet/allergyintolerance-verification"""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    ENTERED_IN_ERROR = "entered-in-error"


class AllergyStatement(TextChoices):
    """What an AllergyIntolerance says: that there is one, that none is known, or that it could not be found out."""

    ALLERGY = "allergy", "allergy or intolerance"
    NONE_KNOWN = "none-known", "no known allergy"
    UNABLE = "unable", "unable to obtain"


class ObservationStatus(TextChoices):
    """http://hl7.org/fhir/ValueSet/observation-status"""

    REGISTERED = "registered"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class EventStatus(TextChoices):
    """http://hl7.org/fhir/ValueSet/event-status (Procedure; Immunization uses three of them)"""

    PREPARATION = "preparation"
    IN_PROGRESS = "in-progress"
    NOT_DONE = "not-done"
    ON_HOLD = "on-hold"
    STOPPED = "stopped"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class MedicationRequestStatus(TextChoices):
    """http://hl7.org/fhir/ValueSet/medicationrequest-status"""

    ACTIVE = "active"
    ON_HOLD = "on-hold"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"
    STOPPED = "stopped"
    DRAFT = "draft"
    UNKNOWN = "unknown"


class MedicationRequestIntent(TextChoices):
    """http://hl7.org/fhir/ValueSet/medicationrequest-intent"""

    PROPOSAL = "proposal"
    PLAN = "plan"
    ORDER = "order"
    ORIGINAL_ORDER = "original-order"
    REFLEX_ORDER = "reflex-order"
    FILLER_ORDER = "filler-order"
    INSTANCE_ORDER = "instance-order"
    OPTION = "option"


class DiagnosticReportStatus(TextChoices):
    """http://hl7.org/fhir/ValueSet/diagnostic-report-status"""

    REGISTERED = "registered"
    PARTIAL = "partial"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    CORRECTED = "corrected"
    APPENDED = "appended"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class DocumentReferenceStatus(TextChoices):
    """http://hl7.org/fhir/ValueSet/document-reference-status"""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    ENTERED_IN_ERROR = "entered-in-error"


class CompositionStatus(TextChoices):
    """http://hl7.org/fhir/ValueSet/composition-status (DocumentReference.docStatus)"""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    ENTERED_IN_ERROR = "entered-in-error"

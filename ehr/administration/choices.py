"""Codes of FHIR R4's required bindings, verbatim."""

from django.db.models import TextChoices


class AdministrativeGender(TextChoices):
    """http://hl7.org/fhir/ValueSet/administrative-gender"""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class EncounterStatus(TextChoices):
    """http://hl7.org/fhir/ValueSet/encounter-status"""

    PLANNED = "planned"
    ARRIVED = "arrived"
    TRIAGED = "triaged"
    IN_PROGRESS = "in-progress"
    ONLEAVE = "onleave"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class EncounterClass(TextChoices):
    """The codes of http://terminology.hl7.org/ValueSet/v3-ActEncounterCode that this product knows (extensible)."""

    AMB = "AMB", "ambulatory"
    EMER = "EMER", "emergency"
    FLD = "FLD", "field"
    HH = "HH", "home health"
    IMP = "IMP", "inpatient encounter"
    ACUTE = "ACUTE", "inpatient acute"
    NONAC = "NONAC", "inpatient non-acute"
    OBSENC = "OBSENC", "observation encounter"
    PRENC = "PRENC", "pre-admission"
    SS = "SS", "short stay"
    VR = "VR", "virtual"


class LocationStatus(TextChoices):
    """http://hl7.org/fhir/ValueSet/location-status"""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    INACTIVE = "inactive"


class FinancialResourceStatus(TextChoices):
    """http://hl7.org/fhir/ValueSet/fm-status"""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    DRAFT = "draft"
    ENTERED_IN_ERROR = "entered-in-error"

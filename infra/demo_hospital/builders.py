"""FHIR R4 resources as plain data, in the shape that US Core asks of them. Numbers are Decimal, never float."""

import base64
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from infra.demo_hospital import codes
from infra.demo_hospital.codes import Code

Resource = dict[str, Any]

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"


def resource(type_: str, id_: str, profile: str | None = None, **members: Any) -> Resource:
    """A resource with the members that have a value; `profile` is the tail of a US Core profile's name."""
    meta = {"meta": {"profile": [US_CORE + profile]}} if profile else {}
    return {"resourceType": type_, "id": id_, **meta, **present(**members)}


def present(**members: Any) -> dict[str, Any]:
    """Only what has a value: FHIR knows no empty elements. A trailing underscore frees Python's own words: `class_`."""
    return {
        name.rstrip("_"): value for name, value in members.items() if value is not None and value not in ("", [], {})
    }


def reference(target: str, display: str = "") -> dict[str, Any]:
    """A Reference to "Patient/1"."""
    return present(reference=target, display=display)


def coding(code: Code) -> dict[str, str]:
    """A Coding."""
    return {"system": code.system, "code": code.code, "display": code.display}


def concept(*of: Code, text: str = "") -> dict[str, Any]:
    """A CodeableConcept; its text is the first display unless another is given."""
    return present(coding=[coding(code) for code in of], text=text or of[0].display)


def coded(system: str, code: str, display: str = "") -> dict[str, Any]:
    """A CodeableConcept of one coding without text, as statuses and categories are written."""
    return {"coding": [present(system=system, code=code, display=display)]}


def quantity(value: Decimal | str, unit: str, ucum: str) -> dict[str, Any]:
    """A Quantity in a UCUM unit; `unit` is how people write it, "" where they write none."""
    return present(value=Decimal(value), unit=unit, system=codes.UCUM_SYSTEM, code=ucum)


def human_name(
    family: str, given: Sequence[str], *, prefix: str = "", suffix: str = "", use: str = "official"
) -> dict[str, Any]:
    """A HumanName."""
    return present(
        use=use,
        family=family,
        given=list(given),
        prefix=[prefix] if prefix else None,
        suffix=[suffix] if suffix else None,
    )


def identifier(system: str, value: str, kind: str = "", kind_display: str = "") -> dict[str, Any]:
    """An Identifier; `kind` is a code of HL7's table 0203, "MR" for a medical record number."""
    type_ = coded("http://terminology.hl7.org/CodeSystem/v2-0203", kind, kind_display) if kind else None
    return present(type=type_, system=system, value=value)


def period(start: str, end: str = "") -> dict[str, str]:
    """A Period, open without an end."""
    return present(start=start, end=end)


def patient(
    id_: str,
    *,
    mrn: str,
    names: Sequence[dict[str, Any]],
    birth_date: str,
    gender: str,
    mrn_system: str = "https://parkersburg-general.example/mrn",
    **members: Any,
) -> Resource:
    """A US Core Patient."""
    return resource(
        "Patient", id_, "patient",
        identifier=[identifier(mrn_system, mrn, "MR", "Medical record number")],
        active=True, name=list(names), gender=gender, birthDate=birth_date, **members,
    )  # fmt: skip


def phone(value: str, use: str = "home") -> dict[str, str]:
    """A ContactPoint for a telephone."""
    return {"system": "phone", "value": value, "use": use}


def address(line: str, city: str, state: str, postal_code: str) -> dict[str, Any]:
    """A home Address in the United States."""
    return {
        "use": "home", "line": [line], "city": city, "state": state, "postalCode": postal_code, "country": "US",
    }  # fmt: skip


def practitioner(id_: str, *, npi: str, name: dict[str, Any]) -> Resource:
    """A US Core Practitioner."""
    npi_identifier = identifier("http://hl7.org/fhir/sid/us-npi", npi, "NPI", "National provider identifier")
    return resource("Practitioner", id_, "practitioner", identifier=[npi_identifier], active=True, name=[name])


def practitioner_role(
    id_: str, *, practitioner: dict[str, Any], organization: dict[str, Any], code: Code, telephone: str
) -> Resource:
    """A US Core PractitionerRole, which has to say how its holder is reached."""
    return resource(
        "PractitionerRole", id_, "practitionerrole",
        active=True, practitioner=practitioner, organization=organization, code=[concept(code)],
        telecom=[phone(telephone, "work")],
    )  # fmt: skip


def organization(id_: str, *, name: str, kind: str, kind_display: str, **members: Any) -> Resource:
    """A US Core Organization; `kind` is a code of organization-type."""
    type_ = coded("http://terminology.hl7.org/CodeSystem/organization-type", kind, kind_display)
    return resource("Organization", id_, "organization", active=True, type=[type_], name=name, **members)


def location(
    id_: str, *, name: str, physical: str, physical_display: str, organization: dict[str, Any], **members: Any
) -> Resource:
    """A US Core Location; `physical` is a code of location-physical-type (wa ward, bd bed)."""
    type_ = coded("http://terminology.hl7.org/CodeSystem/location-physical-type", physical, physical_display)
    return resource(
        "Location", id_, "location", status="active", name=name, mode="instance", physicalType=type_,
        managingOrganization=organization, **members,
    )  # fmt: skip


def encounter(
    id_: str, *, subject: dict[str, Any], status: str, class_: Code, kind: Code, when: dict[str, str], **members: Any
) -> Resource:
    """A US Core Encounter."""
    return resource(
        "Encounter", id_, "encounter",
        status=status, class_=coding(class_), type=[concept(kind)], subject=subject, period=when, **members,
    )  # fmt: skip


def condition(
    id_: str, *, subject: dict[str, Any], code: dict[str, Any], clinical: str = "active", **members: Any
) -> Resource:
    """A US Core problem list item."""
    return resource(
        "Condition", id_, "condition-problems-health-concerns",
        clinicalStatus=coded(codes.CONDITION_CLINICAL, clinical),
        verificationStatus=coded(codes.CONDITION_VERIFICATION, "confirmed"),
        category=[coded(codes.CONDITION_CATEGORY, "problem-list-item", "Problem List Item")],
        code=code, subject=subject, **members,
    )  # fmt: skip


def allergy(
    id_: str, *, patient: dict[str, Any], code: dict[str, Any], verification: str = "confirmed", **members: Any
) -> Resource:
    """A US Core AllergyIntolerance."""
    return resource(
        "AllergyIntolerance", id_, "allergyintolerance",
        clinicalStatus=coded(codes.ALLERGY_CLINICAL, "active"),
        verificationStatus=coded(codes.ALLERGY_VERIFICATION, verification),
        code=code, patient=patient, **members,
    )  # fmt: skip


def observation(
    id_: str,
    *,
    subject: dict[str, Any],
    code: dict[str, Any],
    category: str,
    effective: str,
    profile: str,
    **members: Any,
) -> Resource:
    """A final Observation of a US Core profile; `category` is "laboratory" or "vital-signs"."""
    return resource(
        "Observation", id_, profile, status="final",
        category=[coded(codes.OBSERVATION_CATEGORY, category, category.replace("-", " ").title())],
        code=code, subject=subject, effectiveDateTime=effective, **members,
    )  # fmt: skip


def diagnostic_report(
    id_: str, *, subject: dict[str, Any], code: dict[str, Any], effective: str, issued: str, **members: Any
) -> Resource:
    """A US Core laboratory report."""
    return resource(
        "DiagnosticReport", id_, "diagnosticreport-lab", status="final",
        category=[coded("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB", "Laboratory")],
        code=code, subject=subject, effectiveDateTime=effective, issued=issued, **members,
    )  # fmt: skip


def medication_request(
    id_: str,
    *,
    subject: dict[str, Any],
    medication: dict[str, Any],
    authored_on: str,
    requester: dict[str, Any],
    status: str = "active",
    **members: Any,
) -> Resource:
    """A US Core order for a medication."""
    return resource(
        "MedicationRequest", id_, "medicationrequest", status=status, intent="order",
        medicationCodeableConcept=medication, subject=subject, authoredOn=authored_on, requester=requester, **members,
    )  # fmt: skip


def immunization(id_: str, *, patient: dict[str, Any], vaccine: Code, occurrence: str, **members: Any) -> Resource:
    """A completed US Core Immunization."""
    return resource(
        "Immunization", id_, "immunization", status="completed", vaccineCode=concept(vaccine), patient=patient,
        occurrenceDateTime=occurrence, primarySource=True, **members,
    )  # fmt: skip


def procedure(id_: str, *, subject: dict[str, Any], code: Code, performed: str, **members: Any) -> Resource:
    """A completed US Core Procedure."""
    return resource(
        "Procedure", id_, "procedure", status="completed", code=concept(code), subject=subject,
        performedDateTime=performed, **members,
    )  # fmt: skip


def note(
    id_: str, *, subject: dict[str, Any], code: Code, date: str, author: dict[str, Any], words: str, **members: Any
) -> Resource:
    """A clinical note as a US Core DocumentReference that carries its text."""
    attachment = {
        "contentType": "text/plain; charset=utf-8",
        "data": base64.b64encode(words.encode()).decode(),
        "title": code.display,
        "creation": date,
    }
    category = coded(
        "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note", "Clinical Note"
    )
    return resource(
        "DocumentReference", id_, "documentreference", status="current", docStatus="final", type=concept(code),
        category=[category], subject=subject, date=date, author=[author],
        content=[{"attachment": attachment}], **members,
    )  # fmt: skip


def coverage(
    id_: str, *, beneficiary: dict[str, Any], payor: dict[str, Any], subscriber_id: str, plan: str, start: str
) -> Resource:
    """An active Coverage held by the patient."""
    plan_class = coded("http://terminology.hl7.org/CodeSystem/coverage-class", "plan", "Plan")
    return resource(
        "Coverage", id_, status="active", subscriberId=subscriber_id, beneficiary=beneficiary,
        relationship=coded("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self", "Self"),
        period=period(start), payor=[payor], class_=[{"type": plan_class, "value": plan, "name": plan}], order=1,
    )  # fmt: skip

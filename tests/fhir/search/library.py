"""A small made-up record that has something for every kind of search parameter."""

from decimal import Decimal
from typing import Any

Resource = dict[str, Any]

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
MRN = "urn:oid:1.2.36.146.595.217.0.1"
V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def ref(reference: str) -> Resource:
    return {"reference": reference}


def concept(system: str, code: str, display: str | None = None, text: str | None = None) -> Resource:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


def ucum(value: Any, code: str, unit: str | None = None) -> Resource:
    return {"value": value, "unit": unit or code, "system": UCUM, "code": code}


def observation(id_: str, code: str, patient: str = "p1", **elements: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": concept(LOINC, code),
        "subject": ref(f"Patient/{patient}"),
        **elements,
    }


PEOPLE: list[Resource] = [
    {
        "resourceType": "Organization",
        "id": "org1",
        "name": "Mercy Hospital",
        "alias": ["Old Mercy"],
        "identifier": [{"system": "urn:npi", "value": "1000"}],
        "address": [{"line": ["1 Main St"], "city": "Boston", "state": "MA", "postalCode": "02115", "country": "US"}],
    },
    {"resourceType": "Organization", "id": "org2", "name": "Clínica São José", "partOf": ref("Organization/org1")},
    {"resourceType": "Organization", "id": "org3", "name": "Ward 3", "partOf": ref("Organization/org2")},
    {
        "resourceType": "Practitioner",
        "id": "doc1",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "9941339108"}],
        "name": [{"family": "Ng", "given": ["Robert"]}],
    },
    {
        "resourceType": "PractitionerRole",
        "id": "role1",
        "practitioner": ref("Practitioner/doc1"),
        "organization": ref("Organization/org1"),
        "specialty": [concept("http://nucc.org/provider-taxonomy", "207R00000X", "Internal Medicine")],
    },
    {
        "resourceType": "Location",
        "id": "loc1",
        "name": "Emergency Department",
        "address": {"city": "Boston", "state": "MA"},
    },
    {
        "resourceType": "Patient",
        "id": "p1",
        "meta": {
            "profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|6.1.0"],
            "tag": [{"system": "urn:tag", "code": "demo"}],
            "security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}],
            "source": "urn:source:adt",
        },
        "extension": [
            {
                "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
                "extension": [
                    {
                        "url": "ombCategory",
                        "valueCoding": {"system": "urn:oid:2.16.840.1.113883.6.238", "code": "2106-3"},
                    },
                    {"url": "text", "valueString": "White"},
                ],
            }
        ],
        "identifier": [
            {
                "system": MRN,
                "value": "AbC-1",
                "type": concept(V2_0203, "MR", "Medical record number", "Hospital number"),
            },
        ],
        "active": True,
        "name": [
            {"use": "official", "family": "Chalmers", "given": ["Peter", "James"], "prefix": ["Dr."]},
            {"use": "usual", "given": ["Jim"]},
        ],
        "telecom": [
            {"system": "phone", "value": "(03) 5555 6473"},
            {"system": "email", "value": "Peter@Example.org"},
        ],
        "gender": "male",
        "birthDate": "1970-05-12",
        "deceasedBoolean": False,
        "address": [{"line": ["534 Erewhon St"], "city": "PleasantVille", "state": "Vic", "postalCode": "3999"}],
        "maritalStatus": {"text": "Married"},
        "generalPractitioner": [ref("Practitioner/doc1")],
        "managingOrganization": ref("Organization/org1"),
        "communication": [{"language": concept("urn:ietf:bcp:47", "en", "English")}],
    },
    {
        "resourceType": "Patient",
        "id": "p2",
        "identifier": [{"system": MRN, "value": "abc-1"}, {"value": "loose"}],
        "active": True,
        "name": [{"family": "Müller", "given": ["María-José"]}],
        "gender": "female",
        "birthDate": "1985-03",
        "deceasedDateTime": "2020-06-01T12:00:00Z",
        "managingOrganization": ref("Organization/org2"),
        "link": [{"other": ref("Patient/p1"), "type": "seealso"}],
    },
    {
        "resourceType": "Patient",
        "id": "p3",
        "active": False,
        "name": [{"family": "Petersson", "given": ["Jan"]}],
        "birthDate": "1970",
        "deceasedBoolean": True,
        "identifier": [{"system": "urn:odd", "value": "a,b|c$d\\e"}],
    },
    {
        "resourceType": "Patient",
        "id": "p4",
        "name": [{"text": "100%_odd\\name, Chalmersson"}],
        "gender": "unknown",
        "multipleBirthInteger": 2,
    },
    {
        "resourceType": "RelatedPerson",
        "id": "rel1",
        "patient": ref("Patient/p1"),
        "name": [{"family": "Chalmers", "given": ["Ann"]}],
    },
    {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": ref("Patient/p1"),
        "period": {"start": "2020-01-01", "end": "2020-01-05"},
        "serviceProvider": ref("Organization/org2"),
        "location": [{"location": ref("Location/loc1")}],
        "length": {"value": 4, "system": UCUM, "code": "d", "unit": "days"},
    },
    {
        "resourceType": "Encounter",
        "id": "e2",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": ref("Patient/p2"),
        "period": {"start": "2021-06-01"},
    },
    {
        "resourceType": "Encounter",
        "id": "e3",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": ref("Patient/p1"),
        "period": {"end": "2018-03-01"},
    },
]

OBSERVATIONS: list[Resource] = [
    observation(
        "bp",
        "85354-9",
        category=[concept(CATEGORY, "vital-signs", "Vital Signs")],
        effectiveDateTime="2020-01-01T10:30:00+02:00",
        encounter=ref("Encounter/e1"),
        performer=[ref("Practitioner/doc1")],
        component=[
            {"code": concept(LOINC, "8480-6"), "valueQuantity": ucum(120, "mm[Hg]", "mmHg")},
            {"code": concept(LOINC, "8462-4"), "valueQuantity": ucum(80, "mm[Hg]", "mmHg")},
        ],
    ),
    observation(
        "kg",
        "29463-7",
        category=[concept(CATEGORY, "vital-signs")],
        effectiveDateTime="2020-02",
        valueQuantity=ucum(Decimal("70.5"), "kg"),
    ),
    observation(
        "lb",
        "29463-7",
        "p2",
        category=[concept(CATEGORY, "vital-signs")],
        effectiveDateTime="2020-02-15T08:00:00Z",
        valueQuantity=ucum(155, "[lb_av]", "lbs"),
    ),
    observation(
        "blood",
        "883-9",
        category=[concept(CATEGORY, "laboratory", text="Blood bank")],
        valueCodeableConcept=concept(SNOMED, "112144000", "Blood group A", "Group A"),
    ),
    observation(
        "crp",
        "1988-5",
        effectivePeriod={"start": "2019-12-30", "end": "2020-01-02"},
        valueQuantity={**ucum(5, "mg/L"), "comparator": "<"},
        derivedFrom=[ref("Observation/bp")],
    ),
    observation(
        "culture",
        "600-7",
        effectiveTiming={"event": ["2020-03-01", "2020-03-05"]},
        valueString="Growth of Escherichia coli",
        hasMember=[ref("Observation/crp")],
    ),
    observation("due", "11778-8", "p2", effectiveInstant="2020-04-01T00:00:00.500Z", valueDateTime="2020-11-20"),
    observation("rate", "8867-4", valueQuantity={"value": 100, "unit": "beats"}, focus=[ref("Patient/p2")]),
    {
        "resourceType": "Observation",
        "id": "stray",
        "status": "preliminary",
        "code": {"text": "Something unheard-of"},
        "subject": {"type": "Patient", "identifier": {"system": "urn:elsewhere", "value": "X9"}},
        "performer": [ref("http://other.example/fhir/Practitioner/77")],
    },
]

OTHERS: list[Resource] = [
    {
        "resourceType": "Condition",
        "id": "dm",
        "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
        "category": [concept("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item")],
        "code": concept(SNOMED, "44054006", "Diabetes mellitus type 2", "Sugar"),
        "subject": ref("Patient/p1"),
        "onsetAge": {"value": 45, "system": UCUM, "code": "a", "unit": "years"},
    },
    {
        "resourceType": "RiskAssessment",
        "id": "risk1",
        "status": "final",
        "subject": ref("Patient/p1"),
        "prediction": [{"probabilityDecimal": Decimal("0.5")}],
    },
    {
        "resourceType": "RiskAssessment",
        "id": "risk2",
        "status": "final",
        "subject": ref("Patient/p2"),
        "prediction": [{"probabilityDecimal": Decimal("0.104")}],
    },
    {
        "resourceType": "ValueSet",
        "id": "vs1",
        "url": "http://example.org/fhir/ValueSet/a/b",
        "version": "1",
        "status": "active",
        "useContext": [
            {
                "code": {"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "age"},
                "valueQuantity": ucum(18, "a"),
            }
        ],
    },
    {"resourceType": "ValueSet", "id": "vs2", "url": "http://example.org/fhir/ValueSet/a", "status": "draft"},
    {"resourceType": "ValueSet", "id": "vs3", "url": "urn:oid:1.2.3", "status": "draft"},
    {
        "resourceType": "DocumentReference",
        "id": "doc-old",
        "status": "superseded",
        "type": concept(LOINC, "34133-9"),
        "category": [
            concept("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note")
        ],
        "subject": ref("Patient/p1"),
        "date": "2020-01-05T10:00:00Z",
        "content": [{"attachment": {"contentType": "text/plain", "url": "Binary/x"}}],
    },
    {
        "resourceType": "DocumentReference",
        "id": "doc-new",
        "status": "current",
        "type": concept(LOINC, "34133-9"),
        "category": [
            concept("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note")
        ],
        "subject": ref("Patient/p1"),
        "date": "2020-01-06T10:00:00Z",
        "relatesTo": [{"code": "replaces", "target": ref("DocumentReference/doc-old")}],
        "content": [{"attachment": {"contentType": "text/plain", "url": "Binary/y"}}],
    },
    {
        "resourceType": "Group",
        "id": "group1",
        "type": "person",
        "actual": True,
        "characteristic": [
            {"code": concept("urn:c", "sex"), "valueCodeableConcept": concept("urn:s", "m"), "exclude": False},
            {"code": concept("urn:c", "smoker"), "valueBoolean": True, "exclude": False},
        ],
        "member": [{"entity": ref("Patient/p1")}],
    },
    {
        "resourceType": "MedicationRequest",
        "id": "rx1",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": concept("http://www.nlm.nih.gov/research/umls/rxnorm", "860975"),
        "subject": ref("Patient/p1"),
        "requester": ref("Practitioner/doc1"),
        "authoredOn": "2020-01-02",
    },
    {
        "resourceType": "AllergyIntolerance",
        "id": "allergy1",
        "code": concept(SNOMED, "227493005", "Cashew nuts"),
        "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
        "patient": ref("Patient/p1"),
    },
    {
        "resourceType": "CarePlan",
        "id": "plan1",
        "status": "active",
        "intent": "plan",
        "category": [concept("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan")],
        "subject": ref("Patient/p1"),
    },
    {"resourceType": "CareTeam", "id": "team1", "status": "active", "subject": ref("Patient/p1")},
    {
        "resourceType": "Coverage",
        "id": "cover1",
        "status": "active",
        "beneficiary": ref("Patient/p1"),
        "payor": [ref("Organization/org1")],
    },
    {"resourceType": "Device", "id": "device1", "patient": ref("Patient/p1")},
    {
        "resourceType": "DiagnosticReport",
        "id": "report1",
        "status": "final",
        "category": [concept("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB")],
        "code": concept(LOINC, "58410-2"),
        "subject": ref("Patient/p1"),
        "effectiveDateTime": "2020-01-03",
        "result": [ref("Observation/crp"), ref("Observation/bp")],
    },
    {
        "resourceType": "Goal",
        "id": "goal1",
        "lifecycleStatus": "active",
        "description": {"text": "Walk more"},
        "subject": ref("Patient/p1"),
    },
    {
        "resourceType": "Immunization",
        "id": "shot1",
        "status": "completed",
        "vaccineCode": concept("http://hl7.org/fhir/sid/cvx", "140"),
        "patient": ref("Patient/p1"),
        "occurrenceDateTime": "2019-10-01",
    },
    {
        "resourceType": "MedicationDispense",
        "id": "dispense1",
        "status": "completed",
        "medicationCodeableConcept": concept("http://www.nlm.nih.gov/research/umls/rxnorm", "860975"),
        "subject": ref("Patient/p1"),
    },
    {
        "resourceType": "Procedure",
        "id": "op1",
        "status": "completed",
        "code": concept(SNOMED, "80146002"),
        "subject": ref("Patient/p1"),
        "performedPeriod": {"start": "2020-01-02T08:00:00Z", "end": "2020-01-02T09:30:00Z"},
    },
    {
        "resourceType": "QuestionnaireResponse",
        "id": "answers1",
        "status": "completed",
        "questionnaire": "http://example.org/Questionnaire/phq9|2",
        "subject": ref("Patient/p1"),
    },
    {
        "resourceType": "ServiceRequest",
        "id": "order1",
        "status": "active",
        "intent": "order",
        "category": [concept(SNOMED, "108252007")],
        "code": concept(LOINC, "24323-8"),
        "subject": ref("Patient/p1"),
        "authoredOn": "2020-01-02T07:00:00Z",
    },
    {"resourceType": "Specimen", "id": "spec1", "subject": ref("Patient/p1")},
]

LIBRARY = [*PEOPLE, *OBSERVATIONS, *OTHERS]

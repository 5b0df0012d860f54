"""The code systems that are loaded here: their names, and the notices that their publishers' licences ask for."""

from ehr.terminology.releases import SystemIdentity

LOINC = SystemIdentity(
    url="http://loinc.org",
    name="LOINC",
    publisher="Regenstrief Institute, Inc.",
    copyright=(
        "This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief "
        "Institute, Inc. and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is "
        "available at no cost under the license at http://loinc.org/license. LOINC® is a registered United "
        "States trademark of Regenstrief Institute, Inc."
    ),
)
SNOMED_CT = SystemIdentity(
    url="http://snomed.info/sct",
    name="SNOMED CT",
    publisher="SNOMED International",
    copyright=(
        "This material includes SNOMED Clinical Terms® (SNOMED CT®) which is used by permission of SNOMED "
        "International. All rights reserved. SNOMED CT® was originally created by The College of American "
        "Pathologists. “SNOMED” and “SNOMED CT” are registered trademarks of SNOMED International. Use needs "
        "an affiliate licence; in the United States it comes with the UMLS Metathesaurus License of the "
        "National Library of Medicine."
    ),
)
RXNORM = SystemIdentity(
    url="http://www.nlm.nih.gov/research/umls/rxnorm",
    name="RxNorm",
    publisher="National Library of Medicine",
    copyright=(
        "This product uses publicly available data courtesy of the U.S. National Library of Medicine (NLM), "
        "National Institutes of Health, Department of Health and Human Services; NLM is not responsible for "
        "the product and does not endorse or recommend this or any other product."
    ),
)
CVX = SystemIdentity(
    url="http://hl7.org/fhir/sid/cvx",
    name="CVX",
    publisher="Centers for Disease Control and Prevention",
    copyright="CVX is published by the U.S. Centers for Disease Control and Prevention; it is in the public domain.",
)
ICD_10_CM = SystemIdentity(
    url="http://hl7.org/fhir/sid/icd-10-cm",
    name="ICD-10-CM",
    publisher="National Center for Health Statistics",
    copyright=(
        "ICD-10-CM is maintained by the U.S. National Center for Health Statistics (CDC) and is in the public"
        " domain; it is a clinical modification of ICD-10, copyright World Health Organization, made with its"
        " authorization."
    ),
)
UCUM = SystemIdentity(
    url="http://unitsofmeasure.org",
    name="UCUM",
    publisher="UCUM Organization",
    copyright=(
        "The UCUM codes, UCUM table (regardless of format), and UCUM Specification are copyright © 1999-2024 "
        "Regenstrief Institute, Inc. and the Unified Codes for Units of Measures (UCUM) Organization. All "
        "rights reserved. https://ucum.org/license"
    ),
)

SYSTEMS = {system.url: system for system in (LOINC, SNOMED_CT, RXNORM, CVX, ICD_10_CM, UCUM)}

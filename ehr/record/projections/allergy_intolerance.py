from collections.abc import Mapping
from typing import Any

from ehr.fhir.elements import Element, coded, element, elements, moment, target, text, texts
from ehr.record.projections.systems import DATA_ABSENT_REASON, RXNORM, SNOMED

# SNOMED CT: no known allergy; of drugs, of food, from the environment, to latex, to insects
NONE_KNOWN = {"716186003", "409137002", "429625007", "428607008", "716184000", "428197003"}
DATA_ABSENT_EXTENSION = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
SEVERITIES = ("severe", "moderate", "mild")


def project_allergy_intolerance(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of record.AllergyIntolerance."""
    reactions = elements(resource.get("reaction"))
    return {
        "patient_id": target(resource.get("patient"), keys, "Patient"),
        "encounter_id": target(resource.get("encounter"), keys, "Encounter"),
        "clinical_status": coded(resource.get("clinicalStatus")).code,
        "verification_status": coded(resource.get("verificationStatus")).code,
        "statement": _statement(element(resource.get("code"))),
        "type": text(resource.get("type")),
        "category": texts(resource.get("category")),
        "criticality": text(resource.get("criticality")),
        **coded(resource.get("code"), RXNORM, SNOMED).columns(),
        "reaction": _manifestations(reactions),
        "severity": next((s for s in SEVERITIES if any(r.get("severity") == s for r in reactions)), ""),
        **moment(resource.get("recordedDate")).columns("recorded_date"),
    }


def _statement(code: Element) -> str:
    codings = elements(code.get("coding"))
    if any(c.get("system") == SNOMED and text(c.get("code")) in NONE_KNOWN for c in codings):
        return "none-known"
    absent = any(c.get("system") == DATA_ABSENT_REASON for c in codings) or any(
        e.get("url") == DATA_ABSENT_EXTENSION for e in elements(code.get("extension"))
    )
    return "unable" if absent else "allergy"


def _manifestations(reactions: list[Element]) -> str:
    shown = (coded(m).display for reaction in reactions for m in elements(reaction.get("manifestation")))
    return ", ".join(dict.fromkeys(filter(None, shown)))

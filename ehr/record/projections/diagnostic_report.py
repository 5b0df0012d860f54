from collections.abc import Mapping
from typing import Any

from ehr.fhir.elements import Element, choice_moment, coded, codes, moment, target, targets, text
from ehr.record.projections.systems import LOINC


def project_diagnostic_report(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of record.DiagnosticReport."""
    return {
        "patient_id": target(resource.get("subject"), keys, "Patient"),
        "encounter_id": target(resource.get("encounter"), keys, "Encounter"),
        "status": text(resource.get("status")),
        "category": codes(resource.get("category")),
        **coded(resource.get("code"), LOINC).columns(),
        **choice_moment(resource, "effective").columns("effective"),
        "issued": moment(resource.get("issued")).low,
        "conclusion": text(resource.get("conclusion")),
        "results": targets(resource.get("result"), keys, "Observation"),
    }

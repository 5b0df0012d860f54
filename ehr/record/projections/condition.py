from collections.abc import Mapping
from typing import Any

from ehr.fhir.elements import Element, choice_moment, coded, codes, moment, target
from ehr.record.projections.systems import ICD10CM, SNOMED


def project_condition(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of record.Condition."""
    return {
        "patient_id": target(resource.get("subject"), keys, "Patient"),
        "encounter_id": target(resource.get("encounter"), keys, "Encounter"),
        "clinical_status": coded(resource.get("clinicalStatus")).code,
        "verification_status": coded(resource.get("verificationStatus")).code,
        "category": codes(resource.get("category")),
        **coded(resource.get("code"), SNOMED, ICD10CM).columns(),
        **coded(resource.get("severity")).columns_of("severity"),
        **choice_moment(resource, "onset").columns("onset"),
        **choice_moment(resource, "abatement").columns("abatement"),
        **moment(resource.get("recordedDate")).columns("recorded_date"),
    }

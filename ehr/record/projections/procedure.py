from collections.abc import Mapping
from typing import Any

from ehr.fhir.elements import Element, choice_moment, coded, target, text
from ehr.record.projections.systems import SNOMED


def project_procedure(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of record.Procedure."""
    return {
        "patient_id": target(resource.get("subject"), keys, "Patient"),
        "encounter_id": target(resource.get("encounter"), keys, "Encounter"),
        "status": text(resource.get("status")),
        "category_code": coded(resource.get("category")).code,
        **coded(resource.get("code"), SNOMED).columns(),
        **choice_moment(resource, "performed").columns("performed"),
    }

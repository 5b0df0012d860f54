from collections.abc import Mapping
from typing import Any

from ehr.fhir.elements import Element, boolean, choice_moment, coded, target, text
from ehr.record.projections.systems import CVX


def project_immunization(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of record.Immunization."""
    return {
        "patient_id": target(resource.get("patient"), keys, "Patient"),
        "encounter_id": target(resource.get("encounter"), keys, "Encounter"),
        "status": text(resource.get("status")),
        **coded(resource.get("vaccineCode"), CVX).columns(),
        **choice_moment(resource, "occurrence").columns("occurrence"),
        "lot_number": text(resource.get("lotNumber")),
        "primary_source": boolean(resource.get("primarySource")),
    }

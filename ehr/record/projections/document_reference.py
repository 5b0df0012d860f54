from collections.abc import Mapping
from typing import Any

from ehr.fhir.elements import (
    NOTHING,
    Element,
    coded,
    codes,
    element,
    elements,
    moment,
    period_columns,
    target,
    targets,
    text,
)
from ehr.record.projections.systems import LOINC


def project_document_reference(resource: Element, keys: Mapping[str, int]) -> dict[str, Any]:
    """The columns of record.DocumentReference."""
    context = element(resource.get("context"))
    contents, authors = elements(resource.get("content")), elements(resource.get("author"))
    attachment = element((contents[0] if contents else NOTHING).get("attachment"))
    return {
        "patient_id": target(resource.get("subject"), keys, "Patient"),
        "encounter_id": next(iter(targets(context.get("encounter"), keys, "Encounter")), None),
        "status": text(resource.get("status")),
        "doc_status": text(resource.get("docStatus")),
        "category": codes(resource.get("category")),
        **coded(resource.get("type"), LOINC).columns_of("type"),
        "date": moment(resource.get("date")).low,
        **period_columns(context.get("period")),
        "author_display": text((authors[0] if authors else NOTHING).get("display")),
        "description": text(resource.get("description")),
        "title": text(attachment.get("title")),
        "content_type": text(attachment.get("contentType")),
        "url": text(attachment.get("url")),
    }

from django.db import models

from ehr.fhir import columns
from ehr.fhir.models import Projection
from ehr.record.choices import CompositionStatus, DocumentReferenceStatus


class DocumentReference(Projection):
    """FHIR DocumentReference; HL7 v2 TXA. The attachment is that of the first content."""

    patient = columns.target("administration.Patient", indexed=False)
    encounter = columns.target("administration.Encounter")
    status = columns.code(DocumentReferenceStatus.choices)
    doc_status = columns.code(CompositionStatus.choices)
    category = columns.codes()
    type_code = columns.code()
    type_display = columns.words()
    date = columns.instant()
    period_start = columns.partial_date()
    period_end = columns.partial_date()
    period_low = columns.instant()
    period_high = columns.instant()
    author_display = columns.words()
    description = columns.words()
    title = columns.words()
    content_type = columns.words()
    url = columns.words()

    class Meta(Projection.Meta):
        indexes = [models.Index(fields=["patient", "-date"], name="record_document_chart")]

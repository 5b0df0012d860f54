from django.contrib.postgres.fields import ArrayField
from django.db import models

from ehr.fhir import columns
from ehr.fhir.models import Projection
from ehr.lib.columns import NumericField
from ehr.record.choices import ObservationStatus


class Observation(Projection):
    """FHIR Observation; HL7 v2 OBX.

    A measured value is `value_number` with `value_comparator` and unit; a coded one has `value_code` and its words in
    `value_text`; any other type is written out in `value_text`. `interpretation` is the first code (H, HH, L, LL, A …).
    Components lie in four arrays of one length, in the order of the resource: a blood pressure is
    ``{8480-6,8462-4} {118,64} {"",""} {mmHg,mmHg}``.
    """

    patient = columns.target("administration.Patient", indexed=False)
    encounter = columns.target("administration.Encounter")
    status = columns.code(ObservationStatus.choices)
    category = columns.codes()
    code_system = columns.code()
    code = columns.code()
    display = columns.words()
    effective = columns.partial_date()
    effective_low = columns.instant()
    effective_high = columns.instant()
    issued = columns.instant()
    value_number = NumericField(null=True)
    value_comparator = columns.code()
    value_unit = columns.words()
    value_unit_code = columns.code()
    value_code_system = columns.code()
    value_code = columns.code()
    value_text = columns.words()
    data_absent_reason = columns.code()
    interpretation = columns.code()
    reference_low = NumericField(null=True)
    reference_high = NumericField(null=True)
    reference_text = columns.words()
    component_codes = columns.codes()
    component_numbers = ArrayField(NumericField(null=True))
    component_texts = ArrayField(models.TextField())
    component_units = ArrayField(models.TextField())

    class Meta(Projection.Meta):
        indexes = [models.Index(fields=["patient", "code", "-effective_low"], name="record_observation_chart")]

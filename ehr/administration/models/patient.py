from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from ehr.administration.choices import AdministrativeGender
from ehr.fhir import columns
from ehr.fhir.models import Projection


class Patient(Projection):
    """FHIR Patient; HL7 v2 PID.

    `name` is the name as displayed ("OKAFOR, Margaret Adaeze"). `mrn` is the medical record number, as stated.
    `search_text` holds the folded words of every name, identifier, birth date and phone number, each after a space
    (" okafor margaret 48201173 1957-03-14"), so that LIKE '% okaf%' finds the start of any of them.
    """

    fhir_id = columns.code()
    active = models.BooleanField()
    name = columns.words()
    family = columns.words()
    given = columns.words()
    prefix = columns.words()
    preferred_name = columns.words()
    birth_date = columns.partial_date()
    birth_date_low = columns.instant()
    birth_date_high = columns.instant()
    gender = columns.code(AdministrativeGender.choices)
    deceased = models.BooleanField()
    deceased_date = columns.partial_date()
    deceased_date_low = columns.instant()
    deceased_date_high = columns.instant()
    mrn = columns.words()
    phone = columns.words()
    phone_digits = columns.words()
    address = columns.words()
    search_text = columns.words()

    class Meta(Projection.Meta):
        constraints = [models.UniqueConstraint("fhir_id", name="administration_patient_id")]
        indexes = [
            GinIndex(OpClass("search_text", "gin_trgm_ops"), name="administration_patient_search", fastupdate=False),
        ]

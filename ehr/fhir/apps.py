from django.apps import AppConfig


class FHIRConfig(AppConfig):
    name = "ehr.fhir"
    label = "fhir"
    verbose_name = "FHIR record store"

from django.apps import AppConfig


class FHIRConfig(AppConfig):
    name = "ehr.fhir"
    label = "fhir"
    verbose_name = "FHIR record store"

    def ready(self) -> None:
        from ehr.access.scopes import register_resource_types  # noqa: PLC0415 - apps are loaded only now
        from ehr.fhir.definitions import resource_types  # noqa: PLC0415 - as above

        register_resource_types(resource_types)

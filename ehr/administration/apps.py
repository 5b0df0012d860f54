from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "ehr.administration"
    label = "administration"
    verbose_name = "Administration"

    def ready(self) -> None:
        from ehr.administration.owners import OWNERS  # noqa: PLC0415 - models are loaded only now
        from ehr.fhir.registry import register  # noqa: PLC0415 - as above

        for owner in OWNERS:
            register(owner)

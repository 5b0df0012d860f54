from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "ehr.access"
    label = "access"
    verbose_name = "Access"

    def ready(self) -> None:
        import ehr.access.signals  # noqa: F401, PLC0415 - its receivers register themselves, once models are loaded

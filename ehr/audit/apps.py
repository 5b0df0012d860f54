from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "ehr.audit"
    label = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate  # noqa: PLC0415 - models are loaded only now

        from ehr.audit.guards import install_guards  # noqa: PLC0415 - as above

        post_migrate.connect(install_guards, dispatch_uid="ehr.audit.guards")

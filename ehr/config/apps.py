from django.apps import AppConfig


class CompositionConfig(AppConfig):
    name = "ehr.config"
    label = "config"
    verbose_name = "Composition root"

    def ready(self) -> None:
        from ehr.audit.events import on_wake  # noqa: PLC0415 - settings and models are there only now
        from ehr.config import status  # noqa: PLC0415 - as above
        from ehr.config.frame import who_looks  # noqa: PLC0415 - as above
        from ehr.config.wakeups import wake_ups  # noqa: PLC0415 - as above
        from ehr.ui.context import register_holder  # noqa: PLC0415 - as above
        from ehr.ui.status import register_check  # noqa: PLC0415 - as above

        on_wake(wake_ups.wake)
        register_holder(who_looks)
        register_check(status.records)
        register_check(status.audit_trail)

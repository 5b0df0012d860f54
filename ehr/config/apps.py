from django.apps import AppConfig


class CompositionConfig(AppConfig):
    name = "ehr.config"
    label = "config"
    verbose_name = "Composition root"

    def ready(self) -> None:
        from ehr.audit.events import on_wake
        from ehr.config import status
        from ehr.config.frame import who_looks
        from ehr.config.wakeups import wake_ups
        from ehr.ui.context import register_holder
        from ehr.ui.status import register_check

        on_wake(wake_ups.wake)
        register_holder(who_looks)
        register_check(status.records)
        register_check(status.audit_trail)

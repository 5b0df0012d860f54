from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "ehr.record"
    label = "record"
    verbose_name = "Record"

    def ready(self) -> None:
        from ehr.fhir.registry import register
        from ehr.record.owners import OWNERS
        from ehr.ui import places

        for owner in OWNERS:
            register(owner)
        places.register_chart(places.Chart(url_name="record:summary", permission="record.open-chart"))

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "ehr.record"
    label = "record"
    verbose_name = "Record"

    def ready(self) -> None:
        from ehr.fhir.registry import register  # noqa: PLC0415 - models are loaded only now
        from ehr.record.owners import OWNERS  # noqa: PLC0415 - as above
        from ehr.ui import places  # noqa: PLC0415 - as above

        for owner in OWNERS:
            register(owner)
        places.register_chart(places.Chart(url_name="record:summary", permission="record.open-chart"))

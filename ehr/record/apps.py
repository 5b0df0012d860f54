from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "ehr.record"
    label = "record"
    verbose_name = "Record"

from django.apps import AppConfig


class TerminologyConfig(AppConfig):
    name = "ehr.terminology"
    label = "terminology"
    verbose_name = "Terminology"

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "ehr.access"
    label = "access"
    verbose_name = "Access"

from django.apps import AppConfig


class InterfaceConfig(AppConfig):
    name = "ehr.ui"
    label = "ui"
    verbose_name = "User interface"

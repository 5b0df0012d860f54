from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "ehr.administration"
    label = "administration"
    verbose_name = "Administration"

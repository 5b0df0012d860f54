from django.apps import AppConfig


class CompositionConfig(AppConfig):
    name = "ehr.config"
    label = "config"
    verbose_name = "Composition root"

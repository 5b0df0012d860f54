"""/fhir/R4."""

from django.urls import URLPattern, path

from ehr.fhir.rest import views

app_name = "fhir"
urlpatterns: list[URLPattern] = [
    path("R4/metadata", views.metadata, name="metadata"),
    path("R4/.well-known/smart-configuration", views.smart_configuration, name="smart-configuration"),
    path("R4", views.dispatch, name="base"),
    path("R4/", views.dispatch, name="base-slash"),
    path("R4/<path:path>", views.dispatch, name="interaction"),
]

from django.urls import URLPattern, path

from ehr.ui import views

app_name = "ui"
urlpatterns: list[URLPattern] = [
    path("appearance", views.appearance, name="appearance"),
]

from django.urls import URLPattern, path

from ehr.administration import views

app_name = "administration"
urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("patients/", views.patients, name="patients"),
]

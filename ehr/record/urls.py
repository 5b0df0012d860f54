from django.urls import URLPattern, path

from ehr.record import views

app_name = "record"
urlpatterns: list[URLPattern] = [
    path("patients/<str:patient_id>/", views.chart_summary, name="summary"),
    path("patients/<str:patient_id>/emergency", views.emergency, name="emergency"),
]

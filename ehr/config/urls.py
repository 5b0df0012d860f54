"""Every door of the product."""

from django.urls import URLPattern, URLResolver, include, path

from ehr.config import health
from ehr.config.metrics.views import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("fhir/", include("ehr.fhir.urls")),
    path("api/v1/", include("ehr.config.api")),
    path("", include("ehr.ui.urls")),
    path("", include("ehr.access.urls")),
    path("", include("ehr.administration.urls")),
    path("", include("ehr.record.urls")),
]

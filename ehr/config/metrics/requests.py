"""Counts and times every request of the web process, by route and never by path, which may name a patient.

With PROMETHEUS_MULTIPROC_DIR set, when the process starts, its figures stand in files there beside those of the other
web processes; without it, in memory.
"""

from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Gauge, Histogram, disable_created_metrics

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
FHIR_ROUTE = "fhir/R4/<path:path>"
FHIR_WORDS = frozenset({"_history", "_search", "$everything", "$validate"})
FHIR_PLACES = ("<type>", "<id>", "<word>", "<version>")

disable_created_metrics()  # type: ignore[no-untyped-call] # the library leaves it untyped
DURATION = Histogram(
    "ehr_http_request_duration_seconds",
    "Requests, and the seconds until the answer was there.",
    ["method", "route", "status"],
    buckets=SECONDS,
    registry=None,
)
IN_PROGRESS = Gauge(
    "ehr_http_requests_in_progress",
    "Requests that threads of the web processes are busy with.",
    multiprocess_mode="livesum",
    registry=None,
)

_series: dict[tuple[str, str, int], Histogram] = {}


class MeasureMiddleware:
    """The outermost layer: what is slow, or refused, further in is seen here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        IN_PROGRESS.inc()
        try:
            response = self.get_response(request)
        finally:
            IN_PROGRESS.dec()
        _series_of(request, response.status_code).observe(perf_counter() - started)
        return response


def route_of(request: HttpRequest) -> str:
    """The pattern that the request came by: ``/patients/<str:patient_id>/``, ``/fhir/R4/<type>/<id>``.

    There are as many routes as the code has, however many paths are asked for.
    """
    match = request.resolver_match
    if match is None:
        return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"
    if match.route == FHIR_ROUTE:
        return f"/fhir/R4/{_interaction(match.kwargs['path'])}"
    return f"/{match.route}"


def _interaction(path: str) -> str:
    parts = path.strip("/").split("/")
    if len(parts) > len(FHIR_PLACES):
        return "<other>"
    return "/".join([part if part in FHIR_WORDS else FHIR_PLACES[place] for place, part in enumerate(parts)])


def _series_of(request: HttpRequest, status: int) -> Histogram:
    method = request.method if request.method in METHODS else "other"
    key = (method or "other", route_of(request), status)
    series = _series.get(key)
    if series is None:
        series = _series[key] = DURATION.labels(*key)
    return series

"""The door to /metrics: for operators, who hold a token that no user and no client system has."""

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from prometheus_client import CONTENT_TYPE_LATEST

from ehr.config.metrics.figures import exposition

PLAIN = "text/plain; charset=utf-8"


def metrics(request: HttpRequest) -> HttpResponse:
    """GET /metrics with `Authorization: Bearer …`: the token that EHR_METRICS_TOKEN_FILE holds. 401 for all others."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"], "Figures are only read.", content_type=PLAIN)
    if not _is_operators(request.META.get("HTTP_AUTHORIZATION", "")):
        response = HttpResponse("An operator's token is needed.", status=401, content_type=PLAIN)
        response["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return response
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _is_operators(header: str) -> bool:
    """Whether the header holds the operators' token. Without a file, or with an empty one, nobody is let in."""
    file = settings.METRICS_TOKEN_FILE
    token = file.read_text().strip() if file is not None and file.exists() else ""
    return bool(token) and hmac.compare_digest(header.encode(), f"Bearer {token}".encode())

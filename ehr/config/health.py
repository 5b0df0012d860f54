"""Whether this process lives, and whether it can serve."""

from django.conf import settings
from django.db import Error, connections
from django.http import HttpRequest, HttpResponse, JsonResponse

from ehr.lib.tenancy import look_after_connection


def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """200 as long as the process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view
    """200 when every tenant's database answers, else 503 naming those that do not."""
    down = [tenant.alias for tenant in settings.TENANTS if not answers(tenant.alias)]
    return JsonResponse({"ready": not down, "down": down}, status=503 if down else 200)


def answers(alias: str) -> bool:
    """True when the tenant's database answers."""
    look_after_connection(alias)
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True

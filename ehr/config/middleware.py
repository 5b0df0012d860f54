"""The outermost layers of every request: which tenant, which correlation id, and the short way for programs."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import Resolver404, resolve

from ehr.audit.context import correlated
from ehr.config.tenants import Tenant
from ehr.lib.tenancy import look_after_connection, use_tenant

GetResponse = Callable[[HttpRequest], HttpResponse]
TENANTS_BY_HOST: dict[str, Tenant] = {host: tenant for tenant in settings.TENANTS for host in tenant.hosts}


class TenantMiddleware:
    """The host names the tenant; a host that is nobody's gets 404 and no database."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = request.META.get("HTTP_HOST", "").rsplit(":", 1)[0].lower()
        tenant = TENANTS_BY_HOST.get(host)
        if tenant is None:
            return HttpResponseNotFound("No health system is served under this host name.", content_type="text/plain")
        request.tenant = tenant  # type: ignore[attr-defined] # pages name the health system
        with use_tenant(tenant.alias):
            try:
                return self.get_response(request)
            finally:
                look_after_connection(tenant.alias)


class CorrelationMiddleware:
    """Gives the request its correlation id: the client's X-Request-ID when that is a UUID, else a new one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with correlated(_uuid(request.META.get("HTTP_X_REQUEST_ID"))) as correlation:
            response = self.get_response(request)
        response["X-Request-ID"] = str(correlation)
        return response


class MachineMiddleware:
    """Answers paths served to programs straight from their view, past all that only a browser needs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(settings.MACHINE_PATHS):
            return self.get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return HttpResponseNotFound("Not found.", content_type="text/plain")
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))  # else it goes out in chunks
        return response


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None

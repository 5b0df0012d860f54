"""The host names the tenant; nobody's host gets nothing."""

import contextvars

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from ehr.access.models import User
from ehr.config.middleware import TenantMiddleware
from ehr.lib.tenancy import NoTenant, TenantRouter, connection, current_tenant


def _names_the_tenant(request: HttpRequest) -> HttpResponse:
    return HttpResponse(current_tenant())


def _names_the_database(request: HttpRequest) -> HttpResponse:
    with connection().cursor() as cursor:
        cursor.execute("SELECT current_database()")
        return HttpResponse(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("host", "status", "answer"),
    [
        ("localhost", 200, b"general"),
        ("localhost:8000", 200, b"general"),
        ("LOCALHOST", 200, b"general"),
        ("testserver", 200, b"general"),
        ("valley.localhost", 200, b"valley"),
        ("valley.localhost:8000", 200, b"valley"),
        ("elsewhere.example", 404, b"No health system is served under this host name."),
        ("evil.localhost", 404, b"No health system is served under this host name."),
        ("general", 404, b"No health system is served under this host name."),
        ("[::1]:8000", 404, b"No health system is served under this host name."),
        ("", 404, b"No health system is served under this host name."),
    ],
)
def test_host_names_the_tenant(rf: RequestFactory, host: str, status: int, answer: bytes) -> None:
    response = TenantMiddleware(_names_the_tenant)(rf.get("/", HTTP_HOST=host))
    assert (response.status_code, response.content) == (status, answer)


def test_forwarded_host_is_not_believed(rf: RequestFactory) -> None:
    request = rf.get("/", HTTP_HOST="localhost", HTTP_X_FORWARDED_HOST="valley.localhost")
    assert TenantMiddleware(_names_the_tenant)(request).content == b"general"


def test_tenant_ends_with_the_request(rf: RequestFactory, tenant: str) -> None:
    TenantMiddleware(_names_the_tenant)(rf.get("/", HTTP_HOST="valley.localhost"))
    assert current_tenant() == tenant


def test_unknown_host_reaches_no_database(client: Client) -> None:
    """Without the `db` fixture any query raises."""
    response = client.get("/fhir/R4/Patient/1", headers={"host": "elsewhere.example"})
    assert response.status_code == 404


def test_two_hosts_have_two_databases(db: None, rf: RequestFactory) -> None:
    ask = TenantMiddleware(_names_the_database)
    named = [ask(rf.get("/", HTTP_HOST=host)).content.decode() for host in ("localhost", "valley.localhost")]
    assert named == [connections.settings[alias]["NAME"] for alias in ("general", "valley")]
    assert len(set(named)) == 2


def _without_a_tenant(call: object, *arguments: object) -> object:
    return contextvars.Context().run(call, *arguments)  # type: ignore[arg-type] # any callable


def test_code_without_a_tenant_gets_no_database(db: None) -> None:
    with pytest.raises(NoTenant):
        _without_a_tenant(current_tenant)
    with pytest.raises(NoTenant):
        _without_a_tenant(connection)
    with pytest.raises(NoTenant):
        _without_a_tenant(User.objects.count)
    assert User.objects.count() == 0


def test_default_connection_is_nobodys(db: None) -> None:
    with pytest.raises(ImproperlyConfigured):
        User.objects.using("default").count()


def test_nothing_migrates_into_the_default_connection() -> None:
    assert [TenantRouter().allow_migrate(alias, "access") for alias in connections] == [False, True, True]

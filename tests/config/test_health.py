"""Whether this process lives, and whether it can serve."""

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

if TYPE_CHECKING:
    import psycopg


def test_alive_without_any_database(client: Client) -> None:
    connections.close_all()
    response = client.get("/healthz")
    assert (response.status_code, response.content, response.cookies) == (200, b"ok", {})


def test_ready_when_every_tenant_answers(db: None, client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"ready": True, "down": []})


def test_names_the_tenant_that_is_down(committed: dict[str, str], client: Client) -> None:
    connections["valley"].close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connections["valley"].settings_dict, "NAME", "no_such_database")
        response = client.get("/readyz")
        connections["valley"].close()
    assert (response.status_code, response.json()) == (503, {"ready": False, "down": ["valley"]})
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("alias", ["general", "valley"])
def test_ready_again_after_a_database_ended_the_connection(
    superuser_connection: "psycopg.Connection[object]", client: Client, alias: str
) -> None:
    assert client.get("/readyz").status_code == 200
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        superuser_connection.execute("SELECT pg_terminate_backend(%s, 5000)", cursor.fetchone())
    assert client.get("/readyz").json() == {"ready": True, "down": []}


def test_paths_for_programs_get_no_cookie_and_no_page_of_errors(client: Client) -> None:
    response = client.get("/healthz/nowhere")
    assert (response.status_code, response["Content-Type"], response.cookies) == (404, "text/plain", {})
    assert settings.MACHINE_PATHS[0] == "/fhir/"

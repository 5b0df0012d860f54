import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from infra.runner.databases import Plan, Tenant, described, own_server_url, with_login


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("postgresql://postgres:x@127.0.0.1:5433/postgres", "postgresql://ehr_app:s%20%2F@127.0.0.1:5433/ehr_general"),
        ("postgresql://u@db.example:5432", "postgresql://ehr_app:s%20%2F@db.example:5432/ehr_general"),
        ("postgresql:///postgres?host=/run/pg", "postgresql://ehr_app:s%20%2F@/ehr_general?host=/run/pg"),
        (
            "postgres://u:p%40@db/x?sslmode=require&port=6",
            "postgres://ehr_app:s%20%2F@db/ehr_general?sslmode=require&port=6",
        ),
    ],
)
def test_a_login_for_another_role_keeps_the_server(server: str, expected: str) -> None:
    assert with_login(server, user="ehr_app", password="s /", database="ehr_general") == expected


def test_our_own_server_is_named_by_its_socket_and_by_loopback(tmp_path_factory: pytest.TempPathFactory) -> None:
    socket = tmp_path_factory.mktemp("with space")
    url = own_server_url(5433, socket, "postgres", "x")
    assert conninfo_to_dict(url) == {
        "user": "postgres",
        "password": "x",
        "dbname": "postgres",
        "host": str(socket),
        "port": "5433",
    }
    assert url.startswith("postgresql://postgres:x@127.0.0.1:5433/")


def test_a_server_is_described_without_its_password() -> None:
    assert described("postgresql://ann:secret@db.example:6000/x") == "db.example:6000 as ann"


def test_roles_and_databases_carry_the_prefix() -> None:
    plan = Plan("ehr_test_", [Tenant("general", "General", ("localhost",))])
    assert (plan.owner, plan.app, plan.database(plan.tenants[0])) == (
        "ehr_test_owner",
        "ehr_test_app",
        "ehr_test_general",
    )


def test_the_application_role_is_nobody_special(app_connection: psycopg.Connection) -> None:
    row = app_connection.execute(
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole,"
        " rolname = (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database())"
        " FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert row == (False, False, False, False, False)


def test_databases_sort_and_search_in_every_script(app_connection: psycopg.Connection) -> None:
    row = app_connection.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype, array_length(show_trgm('東京'), 1) > 0"
        " FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    assert row == ("UTF8", "C.UTF-8", "C.UTF-8", True)

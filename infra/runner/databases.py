"""Roles and a database per tenant, on a cluster of our own or on the server that DATABASE_URL names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from infra.runner.failures import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from infra.runner.keys import Passwords

EXTENSIONS = ("btree_gist", "fuzzystrmatch", "pg_trgm", "unaccent")
LOCALE = "C.UTF-8"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A health system of the demo: its alias in Django, its name, and the host names it answers to (first: its own)."""

    alias: str
    name: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to have on the server. Roles and databases are named by `prefix`, so that instances can share a server."""

    prefix: str
    tenants: Sequence[Tenant]
    owner_creates_databases: bool = False

    @property
    def owner(self) -> str:
        """The role that owns the databases and migrates them."""
        return f"{self.prefix}owner"

    @property
    def app(self) -> str:
        """The role the application connects as: neither superuser nor owner of anything."""
        return f"{self.prefix}app"

    def database(self, tenant: Tenant) -> str:
        """The name of the tenant's database."""
        return f"{self.prefix}{tenant.alias}"


def own_server_url(port: int, socket: Path, user: str, password: str) -> str:
    """The cluster of our own as libpq's URI: by its socket for those who know `host=`, else by loopback TCP."""
    return f"postgresql://{user}:{password}@127.0.0.1:{port}/postgres?host={_quoted(str(socket))}"


def with_login(server_url: str, *, user: str, password: str, database: str) -> str:
    """`server_url` for another role and database; every other parameter stays."""
    before, _, parameters = server_url.partition("?")
    scheme, _, rest = before.partition("://")
    host = rest.rpartition("/")[0] if "/" in rest else rest
    address = host.rpartition("@")[2]
    url = f"{scheme}://{_quoted(user)}:{_quoted(password)}@{address}/{_quoted(database)}"
    return f"{url}?{parameters}" if parameters else url


def _quoted(text: str) -> str:
    return quote(text, safe="")


def answers(server_url: str) -> bool:
    """Whether the server accepts this login now."""
    try:
        psycopg.connect(server_url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def provision(server_url: str, plan: Plan, passwords: Passwords) -> list[str]:
    """Makes the roles and databases that are missing. `server_url` is a login with CREATEDB and CREATEROLE.

    Returns the aliases of the tenants whose databases are new. Raises RunError when the server refuses.
    """
    try:
        with psycopg.connect(server_url, autocommit=True) as connection:
            may_create = "CREATEDB" if plan.owner_creates_databases else "NOCREATEDB"
            _ensure_role(connection, plan.owner, passwords.owner, may_create)
            _ensure_role(connection, plan.app, passwords.app, "NOCREATEDB")
            # To give a database to a role, one must be able to act as it.
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(plan.owner)))
            made = [tenant.alias for tenant in plan.tenants if _ensure_database(connection, plan, tenant)]
        for tenant in plan.tenants:
            owner_url = with_login(
                server_url, user=plan.owner, password=passwords.owner, database=plan.database(tenant)
            )
            _ensure_extensions(owner_url)
    except psycopg.Error as error:
        raise RunError(f"PostgreSQL refused to be set up: {error}") from error
    return made


def drop(server_url: str, plan: Plan) -> None:
    """Removes the databases, and all that is in them."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        for tenant in plan.tenants:
            name = sql.Identifier(plan.database(tenant))
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _ensure_role(connection: psycopg.Connection, role: str, password: str, may_create: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    attributes = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE " + may_create)
    if not _is_superuser(connection):
        # Whoever is no superuser can neither give nor name what only superusers have; a new role has none of it.
        attributes = sql.SQL("LOGIN NOCREATEROLE " + may_create)
    verb = sql.SQL("ALTER" if found else "CREATE")
    connection.execute(
        sql.SQL("{} ROLE {} {} PASSWORD {}").format(verb, sql.Identifier(role), attributes, sql.Literal(password))
    )


def _is_superuser(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return row is not None and row[0] is True


def _ensure_database(connection: psycopg.Connection, plan: Plan, tenant: Tenant) -> bool:
    name = plan.database(tenant)
    missing = not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if missing:
        create = sql.SQL(
            "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {locale} LC_CTYPE {locale}"
        )
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(plan.owner), locale=sql.Literal(LOCALE)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), sql.Identifier(plan.app))
    )
    return missing


def _ensure_extensions(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for extension in EXTENSIONS:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))


def described(server_url: str) -> str:
    """The server without the password, to name it in messages."""
    parts = conninfo_to_dict(server_url)
    return f"{parts.get('host', 'local socket')}:{parts.get('port', 5432)} as {parts.get('user', 'the current user')}"

"""Which tenant (health system) the running code serves. One database per tenant.

None named means no database at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

_current: ContextVar[str | None] = ContextVar("ehr_tenant", default=None)


class NoTenant(RuntimeError):
    """Code reached for the database without saying for which tenant."""


def current_tenant() -> str:
    """The alias of the tenant in force. Raises NoTenant when there is none."""
    alias = _current.get()
    if alias is None:
        raise NoTenant("no tenant is in force here; use_tenant() names one")
    return alias


@contextmanager
def use_tenant(alias: str) -> Iterator[None]:
    """Within this block every query goes to the database of `alias`."""
    token = _current.set(alias)
    try:
        yield
    finally:
        _current.reset(token)


def connection() -> BaseDatabaseWrapper:
    """Django's connection to the current tenant's database, for SQL that the ORM does not write."""
    return connections[current_tenant()]


def look_after_connection(alias: str) -> None:
    """Closes this thread's connection to a tenant after a fault that it did not survive; the next use opens another.

    To be called between two requests. Django would do so for the connections of all tenants.
    """
    connection = connections[alias]
    if not connection.in_atomic_block:  # else it is a test's, which goes on
        connection.close_if_unusable_or_obsolete()


@contextmanager
def raw_cursor() -> Iterator[psycopg.Cursor[Any]]:
    """A cursor of psycopg's own: parameters are bound by the server, COPY is at hand, nothing is rewritten or logged.

    It works on the connection and in the transaction that Django's own cursors use, and raises the same errors.
    """
    wrapper = connection()
    wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    with wrapper.wrap_database_errors, psycopg.Cursor(wrapper.connection) as cursor:
        yield cursor


class TenantRouter:
    """Every model lives in every tenant's database; relations never cross tenants."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:  # noqa: ARG002 - Django's router signature
        return current_tenant()

    def db_for_write(self, model: type[Model], **hints: Any) -> str:  # noqa: ARG002 - Django's router signature
        return current_tenant()

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:  # noqa: ARG002 - Django's router signature
        return one._state.db == other._state.db  # noqa: SLF001 - the documented way to ask where an object came from

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:  # noqa: ARG002 - Django's router signature
        return db != "default"

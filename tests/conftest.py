"""Fixtures for all tests: tenants, databases, clients, clock. docs/how-to/run-the-tests.md tells when to use which."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from ehr.lib import clock
from ehr.lib.tenancy import current_tenant, use_tenant
from tests.plumbing import databases, environment, network, queries
from tests.plumbing.cast import Cast
from tests.plumbing.environment import Clone
from tests.plumbing.fhir_client import FHIRClient, registered
from tests.plumbing.live import LiveSite, serving
from tests.plumbing.recycling import Pool

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def pytest_configure() -> None:
    network.stay_on_this_machine()


def pytest_unconfigure() -> None:
    if "EHR_TEST_RUN" in os.environ:
        environment.discard_state()


@pytest.fixture(autouse=True)
def tenant() -> Iterator[str]:
    """Every test runs under the first tenant, "general". `use_tenant("valley")` is the other one."""
    with use_tenant("general"):
        yield "general"


@pytest.fixture(scope="session")
def templates() -> list[Clone]:
    """The migrated template database of each tenant."""
    databases.drop_leftovers()
    return databases.templates()


@pytest.fixture(scope="session")
def django_db_setup(templates: list[Clone]) -> Iterator[list[Clone]]:
    """This process's databases, in place of those that pytest-django would make. Yields the clones."""
    clones = environment.worker_clones()
    for clone, template in zip(clones, templates, strict=True):
        databases.create(clone, template)
    yield clones
    connections.close_all()
    for clone in clones:
        databases.drop(clone)


@pytest.fixture
def db(
    request: pytest.FixtureRequest, django_db_setup: list[Clone], django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Both tenants' databases, as the application's role, in a transaction that is rolled back.

    Beside `committed` it is just that, so that fixtures which need any database ask for `db`.
    """
    if "committed" in request.fixturenames:
        request.getfixturevalue("committed")
        yield
        return
    with django_db_blocker.unblock(), ExitStack() as stack:
        for clone in django_db_setup:
            stack.enter_context(databases.rolled_back(clone.alias))
        yield


@pytest.fixture(scope="session")
def drops() -> Iterator[Executor]:
    """Drops databases in the background: DROP DATABASE waits for a checkpoint, the next test need not."""
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture(scope="session")
def committed_clones(templates: list[Clone], drops: Executor) -> Iterator[Pool]:
    """The databases behind `committed`."""
    pool = Pool(templates, drops)
    yield pool
    pool.discard()


@pytest.fixture
def committed(
    committed_clones: Pool, django_db_setup: list[Clone], django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """Databases of its own for one test that needs real commits, further connections, threads or child processes.

    Yields the environment for child processes.
    """
    clones = committed_clones.take(django_db_setup)
    tenants = environment.write_tenants(tmp_path / "tenants.json", clones)
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("EHR_TENANTS", str(tenants))
        databases.point_at(clones)
        try:
            yield {**os.environ, "DJANGO_SETTINGS_MODULE": "ehr.config.settings"}
        finally:
            databases.point_at(django_db_setup)
            committed_clones.give_back()


@pytest.fixture
def transactional_db(committed: dict[str, str]) -> None:
    """The name by which pytest-django's own fixtures ask for `committed`."""


@pytest.fixture(autouse=True)
def _django_db_marker(request: pytest.FixtureRequest) -> None:
    """`pytest.mark.django_db` means `db` here, and with transaction=True `committed`."""
    if marker := request.node.get_closest_marker("django_db"):
        request.getfixturevalue("committed" if marker.kwargs.get("transaction") else "db")


@pytest.fixture
def owner_connection(committed: dict[str, str]) -> Iterator[psycopg.Connection[Any]]:
    """Beside the application's own: a connection to the current tenant's database as its owner, autocommit."""
    with databases.connect(_current_clone().owner_url()) as connection:
        yield connection


@pytest.fixture
def superuser_connection(committed: dict[str, str]) -> Iterator[psycopg.Connection[Any]]:
    """As `owner_connection`, as a superuser. Skips where the cluster was handed over without one."""
    url = os.environ.get("EHR_SUPERUSER_URL")
    if url is None:
        pytest.skip("EHR_SUPERUSER_URL is not set: this cluster gives the tests no superuser")
    with databases.connect(environment.with_database(url, _current_clone().name)) as connection:
        yield connection


@pytest.fixture
def app_connection(committed: dict[str, str]) -> Iterator[psycopg.Connection[Any]]:
    """A second connection as the application's role, autocommit."""
    with databases.connect(_current_clone().app_url()) as connection:
        yield connection


@pytest.fixture
def live_site(committed: dict[str, str]) -> Iterator[LiveSite]:
    """The whole product over HTTP on committed databases, for browsers and third-party clients."""
    with serving() as site:
        yield site


@pytest.fixture
def client() -> Client:
    """A browser that nobody has signed in to, at the first tenant. Needs `db` or `committed` beside it."""
    return Client(headers={"host": "testserver"})


@pytest.fixture
def cast(db: None) -> Cast:
    """The people of the tests: `cast.physician.actor`, `cast.nurse.user`, `cast.outsider.browser()`, …"""
    return Cast()


@pytest.fixture
def anonymous_fhir(db: None) -> FHIRClient:
    """A FHIR client without a token."""
    return FHIRClient(None)


@pytest.fixture
def fhir(db: None) -> FHIRClient:
    """A FHIR client of the first tenant that may do everything: a token for system/*.cruds from the token endpoint."""
    return registered("system", scope="system/*.cruds")


@pytest.fixture
def query_count() -> Callable[[int], AbstractContextManager[list[str]]]:
    """`with query_count(3): …` fails unless the block sends exactly three statements, and lists them."""
    return queries.exactly


@pytest.fixture
def frozen_clock() -> Iterator[datetime]:
    """ehr.lib.clock stands still at noon UTC of 14 March 2026, which is the value of the fixture."""
    with clock.frozen(NOON):
        yield NOON


def _current_clone() -> Clone:
    """The clone that the current tenant's connections go to now."""
    alias = current_tenant()
    clones: Sequence[Clone] = environment.worker_clones()
    clone = next(clone for clone in clones if clone.alias == alias)
    return clone.renamed(connections.settings[alias]["NAME"])

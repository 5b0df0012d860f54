"""The library, stored once for all tests of a module that only read it."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from ehr.lib.tenancy import use_tenant
from tests.fhir.search.library import LIBRARY
from tests.fhir.search.plumbing import put


@pytest.fixture(scope="module")
def library(django_db_setup: object, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The resources of tests.fhir.search.library in the first tenant's database, until the module is done."""
    with django_db_blocker.unblock(), use_tenant("general"), transaction.atomic(using="general"):
        for resource in LIBRARY:
            put(resource)
        yield
        transaction.set_rollback(True, using="general")

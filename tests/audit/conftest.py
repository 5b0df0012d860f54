"""What tests of the seal and its verification share."""

from typing import Any

import pytest
from django.core.files.storage import Storage, storages


@pytest.fixture
def documents(settings: Any) -> Storage:
    """A document store of the test's own, in memory."""
    settings.STORAGES = settings.STORAGES | {"documents": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    return storages["documents"]

from collections.abc import Iterator

import pytest

from tests.faults.creates import Clients
from tests.plumbing.supervised import Product, supervised


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole product under its supervisor, to be killed piece by piece. It has to be back when a test ends."""
    with supervised(tmp_path_factory.mktemp("faults") / "product") as running:
        yield running


@pytest.fixture(scope="session")
def clients(product: Product) -> Clients:
    return Clients(product)

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.runner.checkout import StateDirectory
from infra.runner.supervisor import Supervisor


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    """An instance's folder with nothing in it yet."""
    state = StateDirectory(tmp_path / "state")
    state.create()
    return state


@pytest.fixture
def announced() -> list[str]:
    """What the supervisor said about its children."""
    return []


@pytest.fixture
def supervisor(state: StateDirectory, announced: list[str]) -> Iterator[Supervisor]:
    with Supervisor(state, "demo", announced.append) as supervisor:
        yield supervisor

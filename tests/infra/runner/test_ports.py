import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.runner import ports
from infra.runner.failures import RunError


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free() -> int:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def two_free(monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    chosen = ports.private_ports(["web", "live"], {})
    monkeypatch.setenv("PORT", str(chosen["web"]))
    monkeypatch.setenv("LIVE_PORT", str(chosen["live"]))
    return chosen["web"], chosen["live"]


def test_public_ports_come_from_the_environment(two_free: tuple[int, int]) -> None:
    assert ports.public_ports("demo") == {"web": two_free[0], "live": two_free[1]}


def test_a_taken_port_is_named_with_the_variable_to_set(
    two_free: tuple[int, int], taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVE_PORT", str(taken))
    with pytest.raises(RunError) as refused:
        ports.public_ports("demo")
    assert str(refused.value) == (
        f"Port {taken} (live) is already in use, perhaps by another checkout. "
        f"Choose another one: LIVE_PORT={taken + 10} ./run demo"
    )


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80a", "٨٠٠٠٠٠"])
def test_what_is_no_port_number_is_refused(
    text: str, two_free: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(RunError, match="PORT must be a port number from 1 to 65535"):
        ports.public_ports("demo")


def test_one_port_for_two_processes_is_refused(two_free: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVE_PORT", str(two_free[0]))
    with pytest.raises(RunError, match="LIVE_PORT must differ"):
        ports.public_ports("demo")


def test_an_instance_keeps_its_private_ports_while_they_are_free(tmp_path: Path) -> None:
    first = ports.choose(tmp_path / "ports.json")
    assert ports.choose(tmp_path / "ports.json") == first
    assert ports.last_chosen(tmp_path / "ports.json") == first


def test_a_private_port_taken_meanwhile_is_replaced(tmp_path: Path, taken: int, free: int) -> None:
    file = tmp_path / "ports.json"
    file.write_text(json.dumps({"web": free, "live": free, "postgres": taken, "redis": free}))
    chosen = ports.choose(file)
    assert chosen.redis == free
    assert chosen.postgres != taken


def test_an_instance_never_started_has_no_ports(tmp_path: Path) -> None:
    assert ports.last_chosen(tmp_path / "ports.json") is None

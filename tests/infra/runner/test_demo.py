"""`./run demo` from its first start to `./run reset`, with the whole product in it and things killed on the way."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.runner import register
from infra.runner.checkout import ROOT, StateDirectory
from infra.runner.ports import LOOPBACK, private_ports
from infra.runner.register import start_time, wait_until
from tests.plumbing.supervised import Supervised

PROCESSES = ["postgres", "redis", "web", "live", "worker", "beat"]
SERVICES = ["PostgreSQL", "Redis", "Databases"]
RESTART_SECONDS = 5.0
RECOVERY_SECONDS = 60.0
INHERITED = ("REDIS_URL", "DATABASE_URL", "EHR_STATE_DIR")


@dataclass(frozen=True)
class Demo(Supervised):
    """A demo in a folder and on ports of its own."""

    live: int

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name not in INHERITED}
        environment |= {"RUN_STATE_DIR": str(self.state.path), "PORT": str(self.web), "LIVE_PORT": str(self.live)}
        return subprocess.run([ROOT / "run", *arguments], capture_output=True, text=True, check=False, env=environment)

    def start(self) -> list[str]:
        """Starts it; the titles of the steps that this took."""
        told = self.run("demo", "--detach")
        assert told.returncode == 0, told.stdout + told.stderr
        return re.findall(r"^  (\S.*?) +[0-9.]+ s$", told.stdout, re.MULTILINE)

    def pids(self) -> dict[str, int]:
        rows = json.loads(self.run("status", "--json").stdout)
        return {row["name"]: row["pid"] for row in rows}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    ports = private_ports(["web", "live"], {})
    demo = Demo(StateDirectory(tmp_path / "demo"), ports["web"], ports["live"])
    yield demo
    demo.run("stop")


def test_a_demo_survives_whatever_is_killed_keeps_its_data_and_forgets_it_when_told(demo: Demo) -> None:
    steps = demo.start()
    assert _without_version(steps[:3]) == SERVICES
    assert steps[-3:] == ["Schema of every tenant", "Demo hospital", "Web, live, worker, beat"]
    _lists_its_processes(demo)
    for name in PROCESSES:
        _comes_back(demo, name)
    _ends_with_its_supervisor(demo)
    secrets = demo.state.secrets.read_bytes()
    assert _without_version(demo.start()) == [*SERVICES, "Web, live, worker, beat"]
    assert demo.state.secrets.read_bytes() == secrets
    pids = demo.pids()
    assert demo.run("reset").returncode == 0
    assert [name for name, pid in pids.items() if start_time(pid) is not None] == []
    assert sorted(path.name for path in demo.state.path.iterdir()) == ["lock", "logs"]


def test_a_taken_port_is_told_and_nothing_is_left_running(demo: Demo) -> None:
    with socket.create_server((LOOPBACK, demo.web)):
        told = demo.run("demo", "--detach")
    assert told.returncode == 1
    assert f"Choose another one: PORT={demo.web + 10} ./run demo" in told.stderr
    assert demo.run("status", "--json").stdout == "[]\n"


def _without_version(steps: list[str]) -> list[str]:
    return [re.sub(r"^PostgreSQL \d+$", "PostgreSQL", step) for step in steps]


def _lists_its_processes(demo: Demo) -> None:
    told = demo.run("status", "--json")
    rows = json.loads(told.stdout)
    assert told.returncode == 0
    assert [row["name"] for row in rows] == PROCESSES
    ports = {row["name"]: row["port"] for row in rows}
    assert (ports["web"], ports["live"], ports["worker"], ports["beat"]) == (demo.web, demo.live, None, None)
    assert [start_time(row["pid"]) is not None for row in rows] == [True] * len(PROCESSES)


def _comes_back(demo: Demo, name: str) -> None:
    first = demo.pids()[name]
    os.kill(first, signal.SIGKILL)
    killed = time.monotonic()
    assert wait_until(lambda: demo.listed_pid(name) not in (first, None), RESTART_SECONDS), name
    assert wait_until(demo.is_ready, RECOVERY_SECONDS - (time.monotonic() - killed)), name


def _ends_with_its_supervisor(demo: Demo) -> None:
    instance = register.read_running(demo.state)
    assert instance is not None
    os.kill(instance.supervisor.pid, signal.SIGKILL)
    assert wait_until(lambda: not any(process.is_alive() for process in instance.processes), RECOVERY_SECONDS)
    assert demo.run("status").returncode == 1

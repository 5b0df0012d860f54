"""Which TCP ports an instance listens on."""

from __future__ import annotations

import os
import socket
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from infra.runner.failures import RunError
from infra.runner.files import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK = "127.0.0.1"
PUBLIC = {"web": ("PORT", 8000), "live": ("LIVE_PORT", 8001)}


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one instance."""

    web: int
    live: int
    postgres: int
    redis: int


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def public_ports(command: str) -> dict[str, int]:
    """The ports users know, from the environment or by default.

    Raises RunError, naming the variable to set, when one is no port number, is taken, or is given twice.
    """
    chosen: dict[str, int] = {}
    for name, (variable, default) in PUBLIC.items():
        port = _port_number(variable, default)
        if port in chosen.values():
            raise RunError(f"{variable} must differ from the other ports: {port} is given twice.")
        if not is_free(port):
            raise RunError(
                f"Port {port} ({name}) is already in use, perhaps by another checkout. "
                f"Choose another one: {variable}={port + 10} ./run {command}"
            )
        chosen[name] = port
    return chosen


def _port_number(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise RunError(f"{variable} must be a port number from 1 to 65535, not {text!r}.")
    return int(text)


def private_ports(names: list[str], kept: dict[str, int]) -> dict[str, int]:
    """A free port for each name: the one it had last time where that is still free, else one the system picks."""
    chosen = {name: kept[name] for name in names if name in kept and is_free(kept[name])}
    probes = {name: socket.socket() for name in names if name not in chosen}
    try:
        for name, probe in probes.items():
            probe.bind((LOOPBACK, 0))
            chosen[name] = probe.getsockname()[1]
    finally:
        for probe in probes.values():
            probe.close()
    return chosen


def choose(file: Path, *, public: dict[str, int] | None = None) -> Ports:
    """The ports of an instance, kept in `file`. Without `public`, every port is one that happens to be free."""
    kept = read_json(file) or {}
    private = [name for name in Ports.__slots__ if name not in (public or {})]
    ports = Ports(**(public or {}), **private_ports(private, kept))
    write_json(file, asdict(ports))
    return ports


def last_chosen(file: Path) -> Ports | None:
    """The ports an instance was last started with, or None when it never was."""
    kept = read_json(file)
    return None if kept is None else Ports(**kept)

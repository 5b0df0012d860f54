"""Who runs an instance, and as which processes: a lock that ends with its holder, and a list beside it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.runner.failures import RunError
from infra.runner.files import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.runner.checkout import StateDirectory

STOP_SECONDS = 75.0
LEFTOVER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Running:
    """A process as /proc knows it: the pid together with the start time (clock ticks since boot) names it for ever."""

    name: str
    pid: int
    started: int
    port: int | None = None

    @classmethod
    def now(cls, name: str, pid: int, port: int | None = None) -> Running:
        """The process that has `pid` at this moment; one already gone gets a start time that never matches."""
        return cls(name, pid, start_time(pid) or 0, port)

    def is_alive(self) -> bool:
        """Whether this very process, and not a later one with its pid, still runs."""
        return start_time(self.pid) == self.started


def start_time(pid: int) -> int | None:
    """Clock ticks from boot to the start of `pid`; None when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


@dataclass(frozen=True, slots=True)
class Instance:
    """What `processes.json` tells: the supervising process, what it does, where to browse, and its children."""

    supervisor: Running
    command: str
    url: str | None
    ready: bool
    processes: list[Running]

    def save(self, state: StateDirectory) -> None:
        """Replaces the list in one step."""
        write_json(state.processes, asdict(self))


def read(state: StateDirectory) -> Instance | None:
    """The list as last written, whether or not anything of it still runs."""
    kept: dict[str, Any] | None = read_json(state.processes)
    if kept is None:
        return None
    return Instance(
        supervisor=Running(**kept["supervisor"]),
        command=kept["command"],
        url=kept["url"],
        ready=kept["ready"],
        processes=[Running(**process) for process in kept["processes"]],
    )


def read_running(state: StateDirectory) -> Instance | None:
    """The list, or None when nobody runs the instance."""
    if not is_held(state):
        return None
    return read(state)


def is_held(state: StateDirectory) -> bool:
    """Whether somebody runs this instance now."""
    try:
        with state.lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextlib.contextmanager
def held(state: StateDirectory) -> Iterator[None]:
    """Makes this process the one that runs the instance. Raises RunError when another one does."""
    state.create()
    with state.lock.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(_in_use(state)) from None
        end_leftovers(state)
        try:
            yield
        finally:
            state.processes.unlink(missing_ok=True)


def _in_use(state: StateDirectory) -> str:
    other = read(state)
    whose = f" by `./run {other.command}` (process {other.supervisor.pid})" if other else ""
    return f"{state.path} is in use{whose}. End it first, or give this one a folder of its own: RUN_STATE_DIR=…"


def end(state: StateDirectory) -> bool:
    """Stops whoever runs the instance and waits until all of its processes are gone. False when nobody did."""
    running = read_running(state)
    if running is None:
        end_leftovers(state)
        return False
    _signal(running.supervisor, signal.SIGTERM)
    if not wait_until(lambda: not is_held(state), STOP_SECONDS):
        _signal(running.supervisor, signal.SIGKILL)
    end_leftovers(state, running)
    return True


def end_leftovers(state: StateDirectory, instance: Instance | None = None) -> None:
    """Ends children whose supervisor was killed; they were told to by the kernel, so this mostly waits."""
    left = instance or read(state)
    if left is None:
        return
    for process in left.processes:
        _signal(process, signal.SIGINT if process.name == "postgres" else signal.SIGTERM)
    if not wait_until(lambda: not any(process.is_alive() for process in left.processes), LEFTOVER_SECONDS):
        for process in left.processes:
            _signal(process, signal.SIGKILL)
    state.processes.unlink(missing_ok=True)


def _signal(process: Running, signum: int) -> None:
    if process.is_alive():
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signum)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether `condition()` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True

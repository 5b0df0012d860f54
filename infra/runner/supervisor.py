"""Starts children, restarts those that die, and ends them all when it ends itself.

One thread and one loop: signals and the end of children wake it through a pipe, so nothing is polled.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from infra.runner.checkout import ROOT
from infra.runner.failures import RunError, Stopped
from infra.runner.lifetime import end_with_parent, kill_group
from infra.runner.register import Instance, Running

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import FrameType, TracebackType

    from infra.runner.checkout import StateDirectory

RESTART_DELAYS = (0.1, 0.5, 1.0, 2.0, 4.0)
STEADY_SECONDS = 10.0
CRASHES_BEFORE_GIVING_UP = 3
LOG_BYTES = 20_000_000
INTERRUPT_SECONDS = 30.0
END_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Program:
    """A process to keep alive: what to execute, and how to ask it to end."""

    name: str
    argv: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    port: int | None = None
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10.0
    kills_group: bool = True
    """False for PostgreSQL: its processes see for themselves that their parent is gone."""


@dataclass(slots=True)
class Child:
    """A program and the process that runs it now."""

    program: Program
    process: subprocess.Popen[bytes]
    started: float
    crashes: int = 0
    restart_at: float | None = None

    def is_running(self) -> bool:
        """Whether its process is there now."""
        return self.restart_at is None


@dataclass(slots=True)
class Supervisor:
    """Owns the children of one instance. Use as a context manager: leaving it stops them, in reverse order."""

    state: StateDirectory
    command: str
    announce: Callable[[str], None]
    url: str | None = None
    ready: bool = False
    children: list[Child] = field(default_factory=list)
    _ended_by: int | None = None
    _wakeup: tuple[int, int] = (-1, -1)
    _replaced: dict[signal.Signals, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._wakeup = os.pipe()
        for end in self._wakeup:
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wakeup[1], warn_on_full_buffer=False)
        wanted = dict.fromkeys(END_SIGNALS, self._note_end) | {signal.SIGCHLD: _only_wake}
        self._replaced = {signum: signal.signal(signum, handler) for signum, handler in wanted.items()}
        self._save()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop_children()
        signal.set_wakeup_fd(-1)
        for signum, handler in self._replaced.items():
            signal.signal(signum, handler)
        for end in self._wakeup:
            os.close(end)

    def _note_end(self, signum: int, _frame: FrameType | None) -> None:
        self._ended_by = signum

    def start(self, program: Program) -> Child:
        """Starts a program and keeps it alive from now on."""
        child = Child(program, _spawn(program), time.monotonic())
        self.children.append(child)
        self._save()
        return child

    def mark_ready(self, url: str | None = None) -> None:
        """Notes for `status` and for whoever waits that the instance serves."""
        self.url, self.ready = url, True
        self._save()

    def tick(self, seconds: float) -> None:
        """Waits up to `seconds` for something to happen, then mends what died. Raises Stopped after an end signal."""
        due = [child.restart_at for child in self.children if child.restart_at is not None]
        wait = min([seconds, *(moment - time.monotonic() for moment in due)])
        self._drain(max(wait, 0.0))
        if self._ended_by is not None:
            raise Stopped(self._ended_by)
        self._mend()

    def wait_for(self, condition: Callable[[], bool], needed: Sequence[Child], what: str, seconds: float) -> None:
        """Returns once `condition()` holds. Raises RunError when a needed child keeps dying or time runs out."""
        deadline = time.monotonic() + seconds
        while not condition():
            for child in needed:
                if child.crashes >= CRASHES_BEFORE_GIVING_UP:
                    raise RunError(f"{child.program.name} does not stay up.", child.program.log)
            if time.monotonic() > deadline:
                raise RunError(f"{what} did not come up within {seconds:.0f} s.", needed[0].program.log)
            self.tick(0.1)

    def run_to_end(self, argv: Sequence[str], environment: Mapping[str, str], log: Path | None = None) -> int:
        """Runs a command beside the children and returns its exit code; its output goes to `log`, else to the terminal.

        An end signal is passed on as an interrupt, and the command gets time to clean up before Stopped is raised.
        """
        with contextlib.ExitStack() as stack:
            output = None if log is None else stack.enter_context(log.open("wb"))
            process = stack.enter_context(_command(argv, environment, output))
            try:
                while process.poll() is None:
                    self.tick(1.0)
            except BaseException as error:
                if not _terminal_told_it_already(error, output):
                    process.send_signal(signal.SIGINT)
                _wait_or_kill(process, INTERRUPT_SECONDS)
                raise
        return process.returncode

    def _drain(self, seconds: float) -> None:
        readable, _, _ = select.select([self._wakeup[0]], [], [], seconds)
        if readable:
            os.read(self._wakeup[0], 4096)

    def _mend(self) -> None:
        now = time.monotonic()
        changed = False
        for child in self.children:
            if child.restart_at is None and child.process.poll() is not None:
                self._note_death(child, now)
                changed = True
            if child.restart_at is not None and child.restart_at <= now:
                self._restart(child, now)
                changed = True
        if changed:
            self._save()

    def _restart(self, child: Child, now: float) -> None:
        try:
            child.process, child.started, child.restart_at = _spawn(child.program), now, None
        except OSError as error:  # no memory or no process to be had for a moment: the others must not suffer for it
            self._retry_later(child, now, f"could not be started ({error.strerror})")

    def _note_death(self, child: Child, now: float) -> None:
        if child.program.kills_group:
            kill_group(child.process.pid)
        if now - child.started > STEADY_SECONDS:
            child.crashes = 0
        self._retry_later(child, now, f"ended ({_ending(child.process.returncode)})")

    def _retry_later(self, child: Child, now: float, what_happened: str) -> None:
        child.crashes += 1
        delay = RESTART_DELAYS[min(child.crashes, len(RESTART_DELAYS)) - 1]
        child.restart_at = now + delay
        self.announce(f"{child.program.name} {what_happened}; restarting in {delay:g} s")

    def _stop_children(self) -> None:
        for child in reversed(self.children):
            if child.is_running() and child.process.poll() is None:
                child.process.send_signal(child.program.stop_signal)
                _wait_or_kill(child.process, child.program.stop_seconds)
            if child.program.kills_group:
                kill_group(child.process.pid)

    def _save(self) -> None:
        processes = [
            Running.now(child.program.name, child.process.pid, child.program.port)
            for child in self.children
            if child.is_running()
        ]
        me = Running.now("supervisor", os.getpid())
        Instance(me, self.command, self.url, self.ready, processes).save(self.state)


def _only_wake(_signum: int, _frame: FrameType | None) -> None:
    """A signal with a handler of Python's is written to the wake-up pipe; that is all it is for."""


def _spawn(program: Program) -> subprocess.Popen[bytes]:
    if program.log.exists() and program.log.stat().st_size > LOG_BYTES:
        program.log.replace(program.log.with_suffix(".log.1"))
    with program.log.open("ab") as log:
        return subprocess.Popen(
            program.argv,
            cwd=ROOT,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent(program.stop_signal),  # noqa: PLW1509 - this process has one thread
        )


def _command(argv: Sequence[str], environment: Mapping[str, str], output: BinaryIO | None) -> subprocess.Popen[bytes]:
    to_terminal = output is None
    return subprocess.Popen(
        argv,
        env=dict(environment),
        stdin=None if to_terminal else subprocess.DEVNULL,
        stdout=output,
        stderr=None if to_terminal else subprocess.STDOUT,
        process_group=None if to_terminal else 0,
        preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - this process has one thread
    )


def _terminal_told_it_already(error: BaseException, output: BinaryIO | None) -> bool:
    """Ctrl-C reaches all processes in the foreground; a second interrupt would cut the command's cleaning up short."""
    return output is None and isinstance(error, Stopped) and error.signum == signal.SIGINT and sys.stdin.isatty()


def _wait_or_kill(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _ending(returncode: int) -> str:
    if returncode < 0:
        return signal.Signals(-returncode).name
    return f"exit code {returncode}"

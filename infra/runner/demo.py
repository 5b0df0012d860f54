"""`./run demo`, `reset` and `manage`: the product with a made-up hospital in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from infra.runner import instance, ports, product, register
from infra.runner.checkout import ROOT
from infra.runner.failures import RunError, Stopped
from infra.runner.files import read_json
from infra.runner.instance import DEMO
from infra.runner.progress import say

if TYPE_CHECKING:
    from pathlib import Path

    from infra.runner.checkout import StateDirectory

IDLE_SECONDS = 3600.0


def run(*, detach: bool) -> int:
    """Brings the demo up; keeps it up until a signal ends it. With `detach`, a process of its own does that."""
    state = DEMO.state
    if running := register.read_running(state):
        say(f"The demo of this checkout runs already: {running.url or 'it is starting'}  (./run stop ends it)")
        return 0
    chosen = ports.public_ports("demo")
    return _run_detached(state) if detach else _run_here(state, chosen)


def _run_here(state: StateDirectory, public: dict[str, int]) -> int:
    with register.held(state):
        chosen = ports.choose(state.ports, public=public)
        try:
            with instance.services(DEMO, state, chosen, "demo") as running:
                product.build(running)
                product.collect_static_files(running)
                product.migrate(running)
                product.load_demo(running)
                product.serve(running)
                _welcome(state, chosen.web)
                while True:
                    running.supervisor.tick(IDLE_SECONDS)
        except Stopped as stopped:
            say("Everything is stopped; the data is kept.")
            return 0 if stopped.signum == signal.SIGINT else 128 + stopped.signum


def _run_detached(state: StateDirectory) -> int:
    state.create()
    log = state.log("run")
    log.write_bytes(b"")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "infra.runner", "demo"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return _follow(process, state, log)


def _follow(process: subprocess.Popen[bytes], state: StateDirectory, log: Path) -> int:
    """Shows what the detached process says until it is ready (0) or gave up (its exit code)."""
    with log.open() as lines:
        while True:
            ended = process.poll()
            running = register.read_running(state)
            sys.stdout.write(lines.read())
            sys.stdout.flush()
            if ended is not None:
                return ended or 1
            if running is not None and running.ready and running.supervisor.pid == process.pid:
                sys.stdout.write(lines.read())
                return 0
            time.sleep(0.1)


def _welcome(state: StateDirectory, port: int) -> None:
    say(f"\nReady: http://localhost:{port}/   (data and logs: {state.path})")
    known = read_json(state.credentials)
    if known is None:
        return
    say(f"\n  {'role':<24}{'user name':<24}password")
    for user in known["users"]:
        say(f"  {user['role']:<24}{user['username']:<24}{user['password']}")
    others = [tenant for tenant in known["tenants"] if tenant["host"] != "localhost"]
    for tenant in others:
        say(f"\nAlso {tenant['name']}: http://{tenant['host']}:{port}/")
    say(f"\nAll logins and clients: {state.credentials}\n")


def reset() -> int:
    """Ends the demo and forgets its data, logins and keys."""
    state = DEMO.state
    register.end(state)
    if state.path.exists():
        with register.held(state):
            instance.forget_data(DEMO, state)
    say("The demo's data, logins and keys are gone. Its next start makes new ones.")
    return 0


def manage(arguments: list[str]) -> int:
    """Runs a management command in the demo; brings PostgreSQL and Redis up for it when the demo isn't running."""
    if not arguments:
        raise RunError("Name the management command: ./run manage help")
    state = DEMO.state
    argv = instance.manage_argv(arguments)
    known_ports = ports.last_chosen(state.ports)
    if known_ports is not None and register.read_running(state) and state.tenants.exists():
        values = instance.environment(state, known_ports, instance.redis_url(state, known_ports))
        os.execve(argv[0], argv, instance.as_role(values, arguments[0]))  # noqa: S606 - an argument list, no shell
    with register.held(state):
        chosen = ports.choose(state.ports)
        with instance.services(DEMO, state, chosen, "manage") as running:
            return running.supervisor.run_to_end(argv, instance.as_role(running.environment, arguments[0]))

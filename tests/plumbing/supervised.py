"""The product under its real supervisor, in processes and on servers of its own: what a test may kill.

Run as a program, this brings one up without the demo's people and keeps it up until it is told to end.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psycopg

from infra.runner import instance, ports, product, register
from infra.runner.checkout import ROOT, StateDirectory
from infra.runner.failures import Stopped
from infra.runner.files import read_json, write_json
from infra.runner.instance import DEMO, GENERAL, Kind
from infra.runner.lifetime import end_with_parent
from infra.runner.ports import LOOPBACK
from infra.runner.register import wait_until
from tests.plumbing import databases

KIND = Kind("faults", DEMO.plan)
SERVICES = ("DATABASE_URL", "REDIS_URL")  # it brings its own, which a test may kill
ENVIRONMENT = "environment.json"
START_SECONDS = 400.0


@dataclass(frozen=True)
class Supervised:
    """An instance in a folder of its own."""

    state: StateDirectory
    web: int

    def listed_pid(self, name: str) -> int | None:
        """The process that the supervisor last started for `name`; None while it is down."""
        listed = register.read(self.state)
        assert listed is not None
        return next((process.pid for process in listed.processes if process.name == name), None)

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self.web, timeout=5)
        try:
            connection.request("GET", "/readyz", headers={"Host": "localhost"})
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@dataclass(frozen=True)
class Product(Supervised):
    """An instance that this module's program keeps up, empty but for what a test puts in."""

    environment: Mapping[str, str]

    def pid(self, name: str) -> int:
        found = self.listed_pid(name)
        assert found is not None, f"{name} is down"
        return found

    def start_manage(self, *arguments: str) -> subprocess.Popen[str]:
        """A management command as a process of its own."""
        return subprocess.Popen(
            instance.manage_argv(arguments),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=end_with_parent(signal.SIGKILL),  # noqa: PLW1509 - it asks the kernel and nobody else
        )

    def manage(self, *arguments: str) -> str:
        """What a management command says; fails unless it ends with exit code 0."""
        with self.start_manage(*arguments) as process:
            told, complained = process.communicate()
        assert process.returncode == 0, f"{arguments[0]}: {told[-4000:]}{complained[-4000:]}"
        return told

    def add_client(self, name: str) -> tuple[str, str]:
        """Registers a client system with every right; its id and secret."""
        told = self.manage("add_client", name, "--scope", "system/*.cruds", "--token-lifetime", "3600")
        return re.findall(r"^client_(?:id|secret) (\S+)$", told, re.MULTILINE)[:2]

    def database(self) -> psycopg.Connection[Any]:
        """A connection to the first tenant's database, as the application."""
        tenants = json.loads(self.state.tenants.read_bytes())
        return databases.connect(next(entry["app_url"] for entry in tenants if entry["alias"] == GENERAL.alias))


@contextmanager
def supervised(folder: Path) -> Iterator[Product]:
    """A product of one's own, ready to serve; ended and forgotten after the block, its logs shown if that failed."""
    state = StateDirectory(folder)
    told = folder.parent / f"{folder.name}.log"
    with told.open("wb") as output, _program(folder, output) as process:
        try:
            _wait_until_ready(process, state)
            environment = read_json(state.path / ENVIRONMENT)
            yield Product(state, int(environment["PORT"]), environment)
        except BaseException:
            for log in (told, *sorted(state.logs.iterdir())):
                sys.stderr.write(f"--- the end of {log.name}\n{log.read_text(errors='replace')[-6000:]}\n")
            raise
        finally:
            process.terminate()


def _program(folder: Path, output: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.plumbing.supervised", str(folder)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in SERVICES},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - it asks the kernel and nobody else
    )


def _wait_until_ready(process: subprocess.Popen[bytes], state: StateDirectory) -> None:
    def settled() -> bool:
        listed = register.read_running(state)
        return process.poll() is not None or (listed is not None and listed.ready)

    assert wait_until(settled, START_SECONDS), "the product was not ready in time"
    assert process.poll() is None, "the product did not start"


def main(folder: Path) -> None:
    state = StateDirectory(folder)
    with register.held(state):
        chosen = ports.choose(state.ports)
        with contextlib.suppress(Stopped), instance.services(KIND, state, chosen, "test") as running:
            product.build(running)
            product.collect_static_files(running)
            product.migrate(running)
            write_json(state.path / ENVIRONMENT, running.environment)
            product.serve(running)
            while True:
                running.supervisor.tick(3600.0)
        instance.forget_data(KIND, state)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Killing processes of a running product, at moments that a seed decides."""

import os
import random
import secrets
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from infra.runner.register import start_time, wait_until
from tests.plumbing.supervised import Product

SEED_VARIABLE = "EHR_FAULT_SEED"
BACK_SECONDS = 60.0  # what is promised


@dataclass(frozen=True)
class Victim:
    """A process to kill, and how to know that another one took its place."""

    name: str
    pid: int
    is_replaced: Callable[[], bool]

    def kill(self) -> None:
        """Ends it as a power cut would: it gets no chance to say or save anything."""
        os.kill(self.pid, signal.SIGKILL)


def supervised_process(name: str, product: Product) -> Victim:
    """A process that the supervisor keeps alive."""
    pid = product.pid(name)
    return Victim(name, pid, lambda: product.listed_pid(name) not in (pid, None))


def web_worker(product: Product, chance: random.Random) -> Victim:
    """One of the processes that answer requests; the web server keeps them alive."""
    server = product.pid("web")
    workers = children(server)
    pid = chance.choice(workers)
    return Victim("web worker", pid, lambda: len(set(children(server)) - {pid}) == len(workers))


def children(pid: int) -> list[int]:
    """The living processes that `pid` has started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed if start_time(int(child)) is not None]


def comes_back(product: Product, victim: Victim) -> float:
    """Waits until the product serves again with a process in the place of the killed one; after how many seconds."""
    killed = monotonic()
    assert wait_until(lambda: victim.is_replaced() and product.is_ready(), BACK_SECONDS), f"{victim.name} stays away"
    return monotonic() - killed


def chance(of: str) -> random.Random:
    """What decides the moments of one test. The seed is new each time, unless the environment names one to repeat."""
    seed = os.environ.get(SEED_VARIABLE) or secrets.token_hex(4)
    sys.stdout.write(f"{SEED_VARIABLE}={seed}\n")  # shown when the test fails
    return random.Random(f"{seed} {of}")  # noqa: S311 - a test's own chance

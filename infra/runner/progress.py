"""One line a step, with its duration."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 44


def say(line: str) -> None:
    """Prints a line of the command's own output, at once, also into a pipe."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def note(line: str) -> None:
    """Prints a line about what goes on to standard error, so that a command's output stays its own."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Names the step when it begins; adds how long it took, or that it failed, when it ends."""
    sys.stderr.write(f"  {title:<{WIDTH}} ")
    sys.stderr.flush()
    started = time.monotonic()
    try:
        yield
    except BaseException:
        note("failed")
        raise
    note(f"{time.monotonic() - started:6.1f} s")

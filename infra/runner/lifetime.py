"""A child never outlives the process that started it, however that one ends."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def end_with_parent(death_signal: int) -> Callable[[], None]:
    """What a child runs between fork and exec: the kernel sends it `death_signal` when its parent is gone.

    The kernel means the parent's thread, so children have to be started from a thread that stays: the main one.
    """
    parent = os.getpid()

    def ask_kernel() -> None:
        if _libc.prctl(PR_SET_PDEATHSIG, death_signal) != 0:
            os._exit(126)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(126)

    return ask_kernel


def kill_group(group: int) -> None:
    """Ends what is left of a child's process group, such as the workers of a server that was killed."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return

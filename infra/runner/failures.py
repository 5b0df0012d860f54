"""Why a command of `./run` could not do what was asked, told so that the reader can mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TAIL_LINES = 30


class RunError(Exception):
    """A step failed: `str(error)` says what and what to do, `log` (if any) is the file whose end tells why."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log

    def report(self) -> str:
        """The message, followed by the log's last lines."""
        if self.log is None or not self.log.exists():
            return str(self)
        tail = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join([str(self), f"The end of {self.log}:", *(f"  {line}" for line in tail)])


class Stopped(Exception):
    """A signal asked this command to end; `signum` says which."""

    def __init__(self, signum: int) -> None:
        super().__init__(f"stopped by signal {signum}")
        self.signum = signum

"""The Chromium that tests drive: the machine's own, or Debian's package."""

from __future__ import annotations

import shutil
from pathlib import Path

from infra.runner import debian
from infra.runner.progress import step

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def chromium() -> Path:
    """The browser's program. Raises RunError, naming the package, where there is none and none can be installed."""
    found = _installed()
    if found is None:
        with step("Chromium"):
            debian.install("chromium", needed_for="tests in a real browser")
        found = _installed()
    if found is None:
        raise FileNotFoundError("the package chromium installed no program named chromium")
    return found


def _installed() -> Path | None:
    for name in NAMES:
        if path := shutil.which(name):
            return Path(path)
    return None

"""`./run lock`: writes the hash-locked requirement files anew from what the .in files ask for."""

from __future__ import annotations

import subprocess

from infra.runner import python_packages
from infra.runner.checkout import ROOT, VENV
from infra.runner.failures import RunError
from infra.runner.progress import step

NAMES = (python_packages.RUNTIME, python_packages.DEVELOPMENT, python_packages.SERVICES, python_packages.NODE)
OPTIONS = (
    "--quiet",
    "--generate-hashes",
    "--no-config",
    "--no-header",
    "--no-emit-index-url",
    "--universal",
    "--python-version",
    "3.11",
)


def write(*, upgrade: bool) -> int:
    """Locks what changed; with `upgrade`, moves every package to its newest allowed version."""
    for name in NAMES:
        wanted = name.replace(".txt", ".in")
        argv = [str(VENV / "bin" / "uv"), "pip", "compile", *OPTIONS, wanted, "-o", name]
        with step(name):
            ended = subprocess.run([*argv, *(["--upgrade"] if upgrade else [])], check=False, cwd=ROOT)
        if ended.returncode != 0:
            raise RunError(f"{wanted} could not be locked.")
    return 0

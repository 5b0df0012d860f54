"""Packages of Debian and Ubuntu: installed where this process may, named clearly where not."""

from __future__ import annotations

import os
import shutil
import subprocess

from infra.runner.checkout import BUILD
from infra.runner.failures import RunError


def install(package: str, *, needed_for: str) -> None:
    """Installs `package` with apt-get. Raises RunError, naming the package, where that is not possible."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise RunError(f"{needed_for} needs a system package: as root, apt-get install {package}")
    log = BUILD / f"apt-{package}.log"
    log.parent.mkdir(exist_ok=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with log.open("wb") as output:
        for argv in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", package]):
            ended = subprocess.run(argv, check=False, stdout=output, stderr=subprocess.STDOUT, env=environment)
    if ended.returncode != 0:
        raise RunError(f"{needed_for} needs the system package {package}, which could not be installed.", log)

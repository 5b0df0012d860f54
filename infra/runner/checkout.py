"""Where things are: the checkout, its virtual environment, and the state of one running instance."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from infra.runner.failures import RunError

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
BUILD = ROOT / "build"


def packages() -> list[Path]:
    """The folders that hold the product's code, and what drives it."""
    return sorted(path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")


@dataclass(frozen=True, slots=True)
class StateDirectory:
    """Everything one instance keeps: clusters, keys, ports, logs. Deleting it forgets the instance."""

    path: Path

    @classmethod
    def of(cls, name: str) -> StateDirectory:
        """`.demo`, `.test` or `.bench` of this checkout, unless RUN_STATE_DIR names another folder."""
        return cls(Path(os.environ.get("RUN_STATE_DIR") or ROOT / f".{name}").resolve())

    def create(self) -> None:
        """Makes the folders, readable by nobody else. Raises RunError for a folder that holds something else."""
        if self.path.exists() and not self.lock.exists() and any(self.path.iterdir()):
            raise RunError(f"{self.path} holds files that are not an instance's: name an empty folder.")
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.lock.touch()
        self.logs.mkdir(exist_ok=True)

    def log(self, name: str) -> Path:
        """The log file of a process or step."""
        return self.logs / f"{name}.log"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def lock(self) -> Path:
        """Held (flock) by whoever runs this instance."""
        return self.path / "lock"

    @property
    def processes(self) -> Path:
        """What runs now: see `infra.runner.register`."""
        return self.path / "processes.json"

    @property
    def ports(self) -> Path:
        return self.path / "ports.json"

    @property
    def stamps(self) -> Path:
        """What each set-up step was last done with: see `infra.runner.stamps`."""
        return self.path / "stamps"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets.json"

    @property
    def secret_key(self) -> Path:
        return self.path / "secret_key"

    @property
    def seal_key(self) -> Path:
        return self.path / "seal_key.pem"

    @property
    def metrics_token(self) -> Path:
        """What opens `/metrics` to operators."""
        return self.path / "metrics_token"

    @property
    def metrics(self) -> Path:
        """What the web processes count, a few files each."""
        return self.path / "metrics"

    @property
    def tenants(self) -> Path:
        return self.path / "tenants.json"

    @property
    def credentials(self) -> Path:
        return self.path / "credentials.json"

"""Management commands of the measured instance."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def manage(*arguments: str, tenant: str | None = None) -> str:
    """Runs a management command in the environment this bench was started in; what it printed."""
    environment = dict(os.environ) | ({"EHR_TENANT": tenant} if tenant else {})
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment,
        cwd=ROOT,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    return done.stdout

"""Settings that a deployment must not get wrong."""

import os
import subprocess
import sys

import pytest

from ehr.config import tenants
from tests.plumbing.environment import ROOT


def _manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "ehr.config.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_deployment_check_is_clean_behind_tls() -> None:
    done = _manage("check", "--deploy", "--fail-level", "WARNING", EHR_TLS="1")
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n"), done.stderr


def test_deployment_check_sees_missing_tls() -> None:
    """The same check from the same set-up, able to fail."""
    assert _manage("check", "--deploy", "--fail-level", "WARNING", EHR_TLS="0").returncode == 1


@pytest.mark.parametrize(
    "name", ["EHR_TENANTS", "EHR_STATE_DIR", "EHR_SECRET_KEY_FILE", "EHR_SEAL_KEY_FILE", "REDIS_URL"]
)
def test_a_missing_setting_stops_the_process(name: str) -> None:
    """No default stands in for what a deployment has to decide."""
    without = {key: value for key, value in os.environ.items() if key != name}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**without, "DJANGO_SETTINGS_MODULE": "ehr.config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"KeyError: '{name}'" in done.stderr


def test_databases_are_read_as_owner_or_as_application() -> None:
    tenant = tenants.TenantFile(
        alias="general",
        name="General",
        host="general.example",
        owner_url="postgresql://own%40er:s%2Fecret@db.example:5433/ehr_general",
        app_url="postgresql://app@/ehr_general?host=/run/postgresql&port=5499",
    )
    facts = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
    as_owner = tenants.databases([tenant], as_owner=True)
    as_app = tenants.databases([tenant], as_owner=False)
    assert [as_owner["general"][fact] for fact in facts] == ["ehr_general", "own@er", "s/ecret", "db.example", "5433"]
    assert [as_app["general"][fact] for fact in facts] == ["ehr_general", "app", "", "/run/postgresql", "5499"]
    assert as_owner["default"] == as_app["default"] == {}


def test_debug_is_never_on() -> None:
    done = _manage(
        "shell", "-c", "from django.conf import settings; print(settings.DEBUG)", DEBUG="1", DJANGO_DEBUG="1"
    )
    assert done.stdout.splitlines()[-1] == "False", done.stderr

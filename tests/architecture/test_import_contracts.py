"""The import contracts hold, cover every app, and bite."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps

from tests.architecture.tree import ROOT, tracked

CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in CONFIGURATION["contracts"]}

# What each contract must catch: a module to add a line to, and the line.
SEEDS = {
    "core": ("ehr/audit/context.py", "from ehr.fhir import store"),
    "infra": ("ehr/lib/ids.py", "import infra.runner.ports"),
    "app-shape": ("ehr/record/choices.py", "from ehr.record import models"),
    "pure": ("ehr/administration/rules.py", "import django.db"),
    "administration-models": ("ehr/record/selectors/chart.py", "from ehr.administration.models import patient"),
    "record-models": ("ehr/record/urls.py", "from ehr.record.models import condition"),
    "administration-surfaces": ("ehr/record/urls.py", "from ehr.administration import views"),
    "record-surfaces": ("ehr/config/urls.py", "from ehr.record import views"),
}


def _copy(target: Path) -> Path:
    for path in tracked():
        if path.endswith(".py") and path.split("/")[0] in CONFIGURATION["root_packages"]:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, target / path)
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def _lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_contracts_hold() -> None:
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_every_contract_has_a_seed() -> None:
    assert set(SEEDS) == set(CONTRACTS)


def test_every_contract_is_broken_by_its_seed(tmp_path: Path) -> None:
    """All seeds at once in a copy of the tree: each contract must be reported, none may sleep."""
    copy = _copy(tmp_path)
    for module, line in SEEDS.values():
        path = copy / module
        path.write_text(f"{path.read_text()}\n{line}\n")
    done = _lint(copy)
    assert done.returncode == 1, done.stdout
    kept = [contract["name"] for contract in CONTRACTS.values() if f"{contract['name']} BROKEN" not in done.stdout]
    assert kept == [], done.stdout


def our_apps() -> list[str]:
    """Every app of ours that Django runs."""
    return sorted(config.name for config in apps.get_app_configs() if config.name.split(".")[0] not in THIRD_PARTY)


THIRD_PARTY = {config.name.split(".")[0] for config in apps.get_app_configs()} - {
    path.split("/")[0] for path in tracked()
}


def test_every_app_is_in_the_contracts() -> None:
    layers = {
        name for layer in CONTRACTS["core"]["layers"] for name in layer.replace("(", "").replace(")", "").split(" | ")
    }
    roots = set(CONFIGURATION["root_packages"])
    missing = [
        app for app in our_apps() if app.removeprefix("ehr.") not in layers and app.split(".")[0] not in roots - {"ehr"}
    ]
    assert missing == []


@pytest.mark.parametrize("app", ["ehr.administration", "ehr.record"])
def test_domain_app_has_its_shape_and_its_walls(app: str) -> None:
    assert app in CONTRACTS["app-shape"]["containers"]
    assert f"{app}.models" in CONTRACTS[f"{app.split('.')[1]}-models"]["protected_modules"]


def test_domain_apps_are_those_above_the_store() -> None:
    """Whoever stands above ehr.fhir and below ehr.config is a domain app, and has the shape of one."""
    layers = [layer.strip("()") for layer in CONTRACTS["core"]["layers"]]
    above = layers[layers.index("config") + 1 : layers.index("fhir | (hl7v2")]
    existing = [f"ehr.{name}" for name in above if (ROOT / "ehr" / name / "__init__.py").exists()]
    assert sorted(existing) == sorted(CONTRACTS["app-shape"]["containers"])

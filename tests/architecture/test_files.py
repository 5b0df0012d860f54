"""What every file of the checkout keeps, and what the documents have to mention."""

import argparse
import json
import re
from dataclasses import dataclass, field

import pytest
from django.core.management import get_commands, load_command_class

from infra.runner import licences
from infra.runner.__main__ import parser
from tests.architecture.tree import ROOT, texts

# Written in pieces, so that this file keeps the rules it states.
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home|Users)/(?!\$|<|…)\w+|/tmp/" r"(brief|dev|t)\b")
REGISTRY = re.compile(
    r"https?://[^\s\"'<>)]*(pypi\.|pythonhosted|registry\.npm"
    r"js|npmmirror|artifactory|nexus|jfrog)|--(extra-)?index-"
    r"url",
    re.IGNORECASE,
)
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE " r"KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b")
CONFLICT = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
BINARY = (".png", ".ico", ".woff2", ".jpg")


@dataclass(frozen=True)
class FileRule:
    """A pattern that no tracked text file contains; `reviewed` maps a path to why it may."""

    name: str
    forbidden: re.Pattern[str]
    good: str
    bad: str
    suffixes: tuple[str, ...] = ()
    reviewed: dict[str, str] = field(default_factory=dict)


RULES = [
    FileRule("no path of somebody's machine", MACHINE_PATH, good="/usr/bin/env", bad="open('/root/" + "x')"),
    FileRule("no registry's host", REGISTRY, good="https://hl7.org/fhir", bad="https://py" + "pi.org/simple"),
    FileRule("no secret", SECRET, good="-----BEGIN PUBLIC KEY-----", bad="-----BEGIN PRIVATE " + "KEY-----"),
    FileRule("no conflict left", CONFLICT, good="<<< x", bad="<<<<" + "<<< HEAD"),
    FileRule(
        "no space at a line's end",
        TRAILING,
        good="x\n",
        bad="x \n",
        suffixes=(".py", ".html", ".css", ".js", ".toml", ".md", ".sh", ".json", ".in"),
    ),
]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@each_rule
def test_rule_tells_good_from_bad(rule: FileRule) -> None:
    assert not rule.forbidden.search(rule.good)
    assert rule.forbidden.search(rule.bad)


@each_rule
def test_files_keep_the_rule(rule: FileRule) -> None:
    found = [
        f"{path}: {breach[0].strip()[:80]!r}"
        for path, text in texts(*rule.suffixes)
        if path not in rule.reviewed and (breach := rule.forbidden.search(text))
    ]
    assert found == []


def test_top_level_holds_what_the_design_says() -> None:
    """A new folder or file at the top is a decision, not an accident."""
    known = {
        ".ci", ".gitignore", ".npmrc", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "clinical", "docs",
        "ehr", "infra", "lab", "manage.py", "package-lock.json", "package.json", "pharmacy", "pyproject.toml",
        "radiology", "requirements-dev.in", "requirements-dev.txt", "requirements-node.in", "requirements-node.txt",
        "requirements-services.in", "requirements-services.txt", "requirements.in", "requirements.txt", "revenue_cycle",
        "run", "tests",
    }  # fmt: skip
    assert {path.split("/")[0] for path, _ in texts()} - known == set()


def test_locks_carry_hashes_and_no_host() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lock = (ROOT / name).read_text()
        pinned = [entry for entry in re.split(r"\n(?=\S)", lock) if "==" in entry and not entry.startswith("#")]
        assert pinned, name
        assert [entry for entry in pinned if "--hash=sha256:" not in entry] == []
    package_lock = json.loads((ROOT / "package-lock.json").read_text())
    assert [name for name, entry in package_lock["packages"].items() if "resolved" in entry] == []
    assert [name for name, entry in package_lock["packages"].items() if name and "integrity" not in entry] == []


def test_runtime_ships_nothing_under_the_gpl() -> None:
    assert licences.problems() == []
    assert [licences.is_forbidden(licence) for licence in ("GPL-3.0-only", "AGPL-3.0", "MIT", "LGPL-3.0-only")] == [
        True,
        True,
        False,
        False,
    ]


OURS = sorted(name for name, app in get_commands().items() if str(app).startswith("ehr."))


@pytest.mark.parametrize("name", OURS)
def test_management_command_says_what_it_does(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    assert len(command.help.split()) >= 4, f"{name}: {command.help!r}"
    options = command.create_parser("manage.py", name)._actions
    assert [option.dest for option in options if option.option_strings and option.help is None] == []


def run_commands() -> list[str]:
    """What `./run` offers."""
    choices = next(action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    return sorted(choices.choices)


def unmentioned(commands: list[str], text: str) -> list[str]:
    """Commands that the text never names as `./run COMMAND`."""
    return [command for command in commands if not re.search(rf"\./run {command}\b", text)]


def test_rule_tells_a_documented_command() -> None:
    assert unmentioned(["demo", "stop"], "type `./run demo`") == ["stop"]


def test_documents_mention_every_command() -> None:
    read_me = (ROOT / "README.md").read_text()
    documents = "\n".join(text for path, text in texts(".md") if path.startswith("docs/") or "/" not in path)
    assert unmentioned(["demo", "test"], read_me) == []
    assert unmentioned(run_commands(), documents) == []


def test_documents_mention_every_management_command() -> None:
    documents = "\n".join(text for _, text in texts(".md"))
    assert [name for name in OURS if not re.search(rf"\b{name}\b", documents)] == []


LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path}: {target}"
        for path, text in texts(".md")
        for target in LINK.findall(text)
        if not ((ROOT / path).parent / target).exists()
    ]
    assert broken == []


def test_decisions_are_numbered_without_a_gap_or_a_twin() -> None:
    numbers = sorted(path.name[:4] for path in (ROOT / "docs" / "adr").glob("*.md"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_every_domain_app_says_what_it_is() -> None:
    for app in ("administration", "record"):
        lines = (ROOT / "ehr" / app / "README.md").read_text().splitlines()
        assert 5 <= len(lines) <= 40, app

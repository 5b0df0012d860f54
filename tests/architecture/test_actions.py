"""Every action is named, audited and tested."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator

import pytest

import ehr
from ehr.audit import actions
from tests.architecture.tree import Source, sources

NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_-]*){1,2}")

for module in pkgutil.walk_packages(ehr.__path__, "ehr."):
    if re.search(r"\.(actions|bundles|idempotency|seal)\b", module.name):
        importlib.import_module(module.name)


def marked(source: Source) -> Iterator[tuple[str, ast.FunctionDef]]:
    """(name, function) of every @action in this file."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "action":
                    assert isinstance(mark.args[0], ast.Constant), f"{source.path}: a name is a literal"
                    yield str(mark.args[0].value), node


def auditing_functions(files: Iterable[Source]) -> set[str]:
    """Names of functions that call audit(), themselves or through functions that do. By name: generous."""
    calls: dict[str, set[str]] = {}
    for source in files:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef):
                called = {_last_name(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
                calls.setdefault(node.name, set()).update(called)
    auditing = {"audit"}
    while more := {name for name, called in calls.items() if name not in auditing and called & auditing}:
        auditing |= more
    return auditing


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


ACTIONS = [(source, name, function) for source in sources("ehr") for name, function in marked(source)]
each_action = pytest.mark.parametrize(("source", "name", "function"), ACTIONS, ids=[name for _, name, _ in ACTIONS])


def test_rule_tells_audited_from_forgotten() -> None:
    file = Source.of(
        "ehr/lab/actions.py",
        """
@action("lab.specimen.accession")
def accession(*, actor): record(actor)
@action("lab.specimen.discard")
def discard(*, actor): ...
def record(actor): audit(patient_id="1")
""",
    )
    assert [(name, function.name in auditing_functions([file])) for name, function in marked(file)] == [
        ("lab.specimen.accession", True),
        ("lab.specimen.discard", False),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lab.specimen.accession", True),
        ("audit.seal", True),
        ("accession", False),
        ("lab.Specimen.x", False),
        ("lab.a.b.c", False),
    ],
)
def test_rule_tells_a_good_name(name: str, expected: bool) -> None:  # noqa: FBT001 - a table of cases
    assert bool(NAME.fullmatch(name)) is expected


def test_every_action_found_in_the_code_is_registered_once() -> None:
    found = [name for _, name, _ in ACTIONS]
    assert sorted(found) == sorted(name for name, run in actions.registry.items() if run.__module__.startswith("ehr."))


@each_action
def test_action_is_named_after_its_app(source: Source, name: str, function: ast.FunctionDef) -> None:
    app = source.path.split("/")[1]
    assert NAME.fullmatch(name), name
    assert name.partition(".")[0] == app


@each_action
def test_action_is_audited(source: Source, name: str, function: ast.FunctionDef) -> None:
    assert function.name in auditing_functions(sources("ehr")), f"{source.path}: {function.name} never calls audit()"


@each_action
def test_action_takes_its_actor_by_keyword(source: Source, name: str, function: ast.FunctionDef) -> None:
    keywords = [argument.arg for argument in function.args.kwonlyargs]
    assert keywords[:1] == ["actor"], f"{source.path}: {function.name}(*, actor, …)"
    assert function.args.args == []


@each_action
def test_action_is_tested(source: Source, name: str, function: ast.FunctionDef) -> None:
    mention = re.compile(rf"\b{re.escape(function.name)}\b|{re.escape(name)}")
    testing = [
        test.path for test in sources("tests") if "/architecture/" not in test.path and mention.search(test.text)
    ]
    assert testing, f"no test mentions {function.name} or {name}"

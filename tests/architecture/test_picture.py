"""The picture in docs/architecture.md is the import graph of the code.

`EHR_WRITE_DOCS=1 ./run test tests/architecture/test_picture.py` draws it anew.
"""

import os
import re

import grimp

from tests.architecture.tree import ROOT

DOCUMENT = ROOT / "docs" / "architecture.md"
MARKS = re.compile(
    r"(<!-- drawn from the import graph: begin -->\n)(.*?)(<!-- drawn from the import graph: end -->)", re.DOTALL
)


def packages() -> dict[str, set[str]]:
    """Which package of ehr imports which, directly."""
    graph = grimp.build_graph("ehr", exclude_type_checking_imports=True, cache_dir=None)
    names = sorted(graph.find_children("ehr"))
    return {
        one: {
            other
            for other in names
            if other != one and graph.direct_import_exists(importer=one, imported=other, as_packages=True)
        }
        for one in names
    }


def reachable(imports: dict[str, set[str]], start: str) -> set[str]:
    """Everything that `start` imports, directly or not."""
    return set().union(*({other} | reachable(imports, other) for other in imports[start]))


def essential(imports: dict[str, set[str]]) -> list[tuple[str, str]]:
    """The arrows that do not follow from others."""
    return sorted(
        (one, other)
        for one, targets in imports.items()
        for other in targets
        if not any(other in reachable(imports, between) for between in targets - {other})
    )


def drawn(arrows: list[tuple[str, str]]) -> str:
    """The arrows as a Mermaid graph."""
    nodes = sorted({package for arrow in arrows for package in arrow})
    lines = [f'    {node.replace(".", "_")}["{node}"]' for node in nodes]
    lines += [f"    {one.replace('.', '_')} --> {other.replace('.', '_')}" for one, other in arrows]
    return "\n".join(["```mermaid", "graph TD", *lines, "```", ""])


def test_arrows_that_follow_from_others_are_left_out() -> None:
    assert essential({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == [("a", "b"), ("b", "c")]


def test_picture_is_true() -> None:
    text = DOCUMENT.read_text()
    actual = MARKS.sub(lambda found: f"{found[1]}{drawn(essential(packages()))}{found[3]}", text)
    if os.environ.get("EHR_WRITE_DOCS") == "1":
        DOCUMENT.write_text(actual)
    assert actual == DOCUMENT.read_text()

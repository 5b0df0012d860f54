"""Node packages and the front-end build, each only when what it is made from changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.runner import python_packages
from infra.runner.checkout import BUILD, ROOT, packages
from infra.runner.failures import RunError
from infra.runner.progress import step
from infra.runner.stamps import fingerprint, is_current, set_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

OLDEST_NODE = 20
SOURCE_SUFFIXES = {".js", ".mjs", ".ts", ".css", ".svg", ".woff2"}
PACKAGES_STAMP = ROOT / "node_modules" / ".installed"
BUILD_STAMP = BUILD / "front" / ".built"


def install_packages() -> None:
    """`npm ci`, unless node_modules is what package-lock.json says."""
    wanted = fingerprint([ROOT / "package.json", ROOT / "package-lock.json"])
    if is_current(PACKAGES_STAMP, wanted):
        return
    node = _node()
    with step("Node packages"):
        _npm(node, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], BUILD / "npm.log")
    set_stamp(PACKAGES_STAMP, wanted)


def build() -> None:
    """`npm run build`, unless `build/front` was made from the present sources."""
    wanted = fingerprint([ROOT / "package.json", ROOT / "package-lock.json", *sorted(_sources())])
    if is_current(BUILD_STAMP, wanted):
        return
    node = _node()
    with step("Front end"):
        _npm(node, ["run", "build"], BUILD / "frontend.log")
    set_stamp(BUILD_STAMP, wanted)


def _sources() -> list[Path]:
    """What esbuild may read of ours: scripts, styles and pictures inside the product's packages."""
    return [file for folder in packages() for file in folder.rglob("*") if file.suffix in SOURCE_SUFFIXES]


@dataclass(frozen=True, slots=True)
class Node:
    """A Node of 20 or newer: the folder of `node`, and the words that start its npm."""

    folder: Path
    npm: tuple[str, ...]


def _npm(node: Node, arguments: Sequence[str], log: Path) -> None:
    environment = os.environ | {"PATH": f"{node.folder}{os.pathsep}{os.environ['PATH']}"}
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as output:
        ended = subprocess.run(
            [*node.npm, *arguments],
            check=False,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if ended.returncode != 0:
        raise RunError(f"npm {' '.join(arguments)} failed.", log)


def _node() -> Node:
    """The machine's own Node where it is new enough and has npm, else the hash-pinned wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST_NODE:
        return Node(Path(node).parent, (npm,))
    package = python_packages.node_folder()
    # The wheel's own `npm` lost its symbolic link and does not start; what the link meant does.
    script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(package / "bin", (str(package / "bin" / "node"), str(script)))


def _major(node: str) -> int:
    told = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    return int(told.strip().removeprefix("v").partition(".")[0])

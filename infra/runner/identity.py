"""PostgreSQL refuses to run as root. As root, run it as nobody special, without making users or opening folders.

First choice: a user namespace in which root's files belong to an ordinary user. Where namespaces are forbidden
(containers with the default seccomp profile): really become that user, who then owns the cluster's folder.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from infra.runner.failures import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

# PostgreSQL's programs look their user up, so it must be one that every Debian has.
ORDINARY_USERS = ("daemon", "nobody")
ELSEWHERE = Path("/var/lib")


class Identity(Protocol):
    """As whom a server runs."""

    def command(self, argv: Sequence[str]) -> list[str]:
        """`argv`, run as this identity."""

    def take(self, folder: Path) -> None:
        """Makes `folder` and all in it this identity's own."""

    def reaches(self, path: Path) -> bool:
        """Whether this identity may read `path`."""


@dataclass(frozen=True, slots=True)
class Oneself:
    """An ordinary user stays who they are."""

    def command(self, argv: Sequence[str]) -> list[str]:
        """The command as it is."""
        return list(argv)

    def take(self, folder: Path) -> None:
        """Nothing to change: the folder was made by this user."""

    def reaches(self, path: Path) -> bool:
        """Whether this user may read `path`."""
        return os.access(path, os.R_OK)


@dataclass(frozen=True, slots=True)
class Namespaced:
    """Root, who appears as an ordinary user to the server alone."""

    user: pwd.struct_passwd

    def command(self, argv: Sequence[str]) -> list[str]:
        """The command inside its own user namespace."""
        return ["unshare", "-U", f"--map-user={self.user.pw_uid}", f"--map-group={self.user.pw_gid}", *argv]

    def take(self, folder: Path) -> None:
        """Gives the files to root, who is the ordinary user inside."""
        _give(folder, 0, 0)

    def reaches(self, path: Path) -> bool:
        """Root's own files: always."""
        return path.exists()


@dataclass(frozen=True, slots=True)
class Switched:
    """An ordinary user of the machine, whom root becomes for the server alone."""

    user: pwd.struct_passwd

    def command(self, argv: Sequence[str]) -> list[str]:
        """The command as that user; changing the user forgets the death signal, so it is set anew."""
        ids = [f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups"]
        return ["setpriv", *ids, "--pdeathsig=INT", *argv]

    def take(self, folder: Path) -> None:
        """Gives the files to that user."""
        _give(folder, self.user.pw_uid, self.user.pw_gid)

    def reaches(self, path: Path) -> bool:
        """Whether every folder on the way, and the file, is open to that user."""
        return _succeeds(self.command(["test", "-r", str(path)]))


def choose() -> Identity:
    """The identity to run PostgreSQL as on this machine. Raises RunError when root cannot become anybody."""
    if os.geteuid() != 0:
        return Oneself()
    user = _ordinary_user()
    for identity in (Namespaced(user), Switched(user)):
        if _succeeds(identity.command(["true"])):
            return identity
    raise RunError(
        "PostgreSQL does not run as root, and this machine allows neither user namespaces nor changing the user. "
        "Run as an ordinary user, or set DATABASE_URL to a server of your own."
    )


def home(identity: Identity, folder: Path) -> Path:
    """`folder` itself where `identity` may enter its parent, else a place of the same meaning outside any home."""
    if identity.reaches(folder.parent):
        return folder
    return elsewhere(folder)


def elsewhere(folder: Path) -> Path:
    """The place outside any home that stands for `folder`."""
    return ELSEWHERE / f"ehr-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"


def _ordinary_user() -> pwd.struct_passwd:
    for name in ORDINARY_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RunError(f"None of the users {', '.join(ORDINARY_USERS)} exists; PostgreSQL needs one, as it refuses root.")


def _give(folder: Path, uid: int, gid: int) -> None:
    for path in [folder, *folder.rglob("*")]:
        status = path.lstat()
        if (status.st_uid, status.st_gid) != (uid, gid):
            os.chown(path, uid, gid, follow_symlinks=False)


def _succeeds(argv: Sequence[str]) -> bool:
    try:
        return subprocess.run(argv, check=False, capture_output=True, timeout=10).returncode == 0
    except FileNotFoundError:
        return False

"""The file of logins and client secrets that the demo hands out: the only place where they stand in plain text."""

import os
from pathlib import Path
from typing import Any

import msgspec


class Login(msgspec.Struct):
    """A user as the file lists it."""

    role: str
    username: str
    password: str


class ClientSecret(msgspec.Struct):
    """A client system as the file lists it."""

    name: str
    client_id: str
    client_secret: str
    scope: str


class TenantCredentials(msgspec.Struct):
    """What one tenant hands out."""

    name: str
    host: str
    users: list[Login]
    clients: list[ClientSecret]

    def password_of(self, username: str) -> str | None:
        """The password handed out for this user, None when the file has none."""
        return next((login.password for login in self.users if login.username == username), None)

    def secret_of(self, client_id: str) -> str | None:
        """The secret handed out for this client, None when the file has none."""
        return next((client.client_secret for client in self.clients if client.client_id == client_id), None)


class _File(msgspec.Struct):
    tenants: list[TenantCredentials]


def read(path: Path) -> dict[str, TenantCredentials]:
    """What was handed out before, by host; nothing without a file. Raises msgspec.DecodeError for a broken one."""
    if not path.exists():
        return {}
    return {tenant.host: tenant for tenant in msgspec.json.decode(path.read_bytes(), type=_File).tenants}


def write(path: Path, tenants: list[TenantCredentials], *, base_url: str, database: dict[str, str]) -> None:
    """Replaces the file in one step, readable by its owner only. The top level repeats the first tenant."""
    first = tenants[0]
    content: dict[str, Any] = {
        "base_url": base_url,
        "users": first.users,
        "clients": first.clients,
        "tenants": tenants,
        "database": database,
    }
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    fresh.replace(path)

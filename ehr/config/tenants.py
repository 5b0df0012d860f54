"""Reads the list of tenants that the deployment hands over: name, host names, database."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec


class TenantFile(msgspec.Struct, frozen=True):
    """One entry of the JSON list in the file that EHR_TENANTS names."""

    alias: str
    name: str
    host: str
    owner_url: str
    app_url: str
    aliases: list[str] = []


@dataclass(frozen=True, slots=True)
class Tenant:
    """A health system: its own database under `alias`, reached at its own host names."""

    alias: str
    name: str
    host: str
    hosts: tuple[str, ...]


def read_tenants() -> list[TenantFile]:
    """The tenants of the file that EHR_TENANTS names. Raises KeyError when the variable is not set."""
    return msgspec.json.decode(Path(os.environ["EHR_TENANTS"]).read_bytes(), type=list[TenantFile])


def databases(tenants: list[TenantFile], *, as_owner: bool) -> dict[str, dict[str, Any]]:
    """Django's DATABASES: `default` is nobody's, so that a query without a tenant fails."""
    return {"default": {}} | {t.alias: _database(t.owner_url if as_owner else t.app_url) for t in tenants}


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "ehr.lib.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": query.get("port", str(parts.port or "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "ehr",
            "connect_timeout": 5,
            "prepare_threshold": None,  # ehr.lib.postgresql.statements prepares what is worth it
            # What is prepared is prepared because one plan serves all values; planning it anew costs more than running.
            "options": "-c plan_cache_mode=force_generic_plan",
        },
    }

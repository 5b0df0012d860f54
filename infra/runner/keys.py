"""The secrets of an instance: random, made once, readable by its user alone."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from infra.runner.files import read_json, write_json, write_private

if TYPE_CHECKING:
    from infra.runner.checkout import StateDirectory


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords of PostgreSQL's superuser and of our two roles, and of Redis. Letters and digits only."""

    superuser: str
    owner: str
    app: str
    redis: str

    @classmethod
    def of(cls, state: StateDirectory) -> Self:
        """The instance's passwords, made now if it has none."""
        kept = read_json(state.secrets)
        if kept is None:
            kept = asdict(cls(*(secrets.token_hex(20) for _ in cls.__slots__)))
            write_json(state.secrets, kept)
        return cls(**kept)


def ensure_keys(state: StateDirectory) -> None:
    """Makes Django's secret key, the operators' token, and the Ed25519 key (PKCS #8, PEM) that signs the audit seal.

    Those that exist stay.
    """
    if not state.secret_key.exists():
        write_private(state.secret_key, secrets.token_urlsafe(64) + "\n")
    if not state.metrics_token.exists():
        write_private(state.metrics_token, secrets.token_urlsafe(32) + "\n")
    if not state.seal_key.exists():
        key = Ed25519PrivateKey.generate()
        write_private(state.seal_key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())

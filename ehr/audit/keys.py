"""The key that signs seals: an Ed25519 private key in a PEM file outside the database (settings.SEAL_KEY_FILE)."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings


class NotASealKey(ValueError):
    """The file holds no Ed25519 key."""


def private_key() -> Ed25519PrivateKey:
    """The sealing key. Raises OSError when the file cannot be read, NotASealKey when it holds something else."""
    path: Path = settings.SEAL_KEY_FILE
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise NotASealKey(f"{path} holds no Ed25519 private key")
    return key


def public_key(path: Path | None = None) -> Ed25519PublicKey:
    """The key that checks seals: an auditor's own copy at `path`, else derived from the sealing key."""
    if path is None:
        return private_key().public_key()
    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise NotASealKey(f"{path} holds no Ed25519 public key")
    return key


def public_pem() -> bytes:
    """The public key in PEM, for auditors to keep."""
    return public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

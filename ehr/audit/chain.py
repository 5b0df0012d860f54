"""The hash chain of seals: how a head is computed and signed, and how either is checked. No database here."""

import struct
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

GENESIS_HEAD = bytes(32)
GENESIS_SNAPSHOT = "1:1:"
"""Shows no transaction at all: PostgreSQL's first is 3."""

DIGEST = struct.Struct(">q32s")
"""One event of a stretch: its id and the SHA-256 of its canonical bytes."""

_NUMBERS = struct.Struct(">HQQq")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Seal(msgspec.Struct, frozen=True):
    """One seal, as a row of audit_seal has it and as its copy in the document store has it (JSON, bytes in base64)."""

    tenant: str
    sequence: int
    format: int
    before: str
    after: str
    event_count: int
    digests: bytes
    previous: bytes
    head: bytes
    signature: bytes
    sealed_at: datetime


def head_of(seal: Seal) -> bytes:
    """SHA-256 over the previous head, all that the seal says, and the digests; texts are preceded by their length."""
    micros = (seal.sealed_at - _EPOCH) // timedelta(microseconds=1)
    parts = [
        seal.previous,
        _NUMBERS.pack(seal.format, seal.sequence, seal.event_count, micros),
        *(struct.pack(">I", len(text)) + text.encode() for text in (seal.before, seal.after)),
        seal.digests,
    ]
    return sha256(b"".join(parts)).digest()


def signed(seal: Seal, key: Ed25519PrivateKey) -> Seal:
    """The seal with its head and its signature filled in."""
    headed = msgspec.structs.replace(seal, head=head_of(seal))
    return msgspec.structs.replace(headed, signature=key.sign(_statement(headed)))


def is_authentic(seal: Seal, key: Ed25519PublicKey) -> bool:
    """True when the holder of the key signed exactly this."""
    try:
        key.verify(seal.signature, _statement(seal))
        return head_of(seal) == seal.head
    except (InvalidSignature, struct.error):
        return False


def document(seal: Seal) -> bytes:
    """The copy that goes to the document store."""
    return msgspec.json.encode(seal)


def read_document(content: bytes) -> Seal | None:
    """The seal of a copy, None when these bytes are none."""
    try:
        return msgspec.json.decode(content, type=Seal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _statement(seal: Seal) -> bytes:
    return b"\0".join((b"ehr audit seal", seal.tenant.encode(), str(seal.sequence).encode(), seal.head))

"""FHIR JSON in and out, faithful to the number literals: 10435.00 stays 10435.00.

Decimals are `Decimal`. A literal that `Decimal` would write in another way (``1E5``, ``-0``) is kept as it came (`msgspec.Raw`).
"""

from decimal import Decimal
from typing import Any

import msgspec


class InvalidJSON(ValueError):
    """The bytes are not UTF-8, not JSON, or not a JSON object."""


def _number(literal: str) -> Decimal | msgspec.Raw:
    value = Decimal(literal)
    return value if str(value) == literal else msgspec.Raw(literal.encode())


_decoder = msgspec.json.Decoder(float_hook=_number)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`. Raises InvalidJSON with the place of the fault."""
    try:
        value = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise InvalidJSON(str(fault)) from fault
    if not isinstance(value, dict):
        raise InvalidJSON(f"expected a JSON object, found {type(value).__name__}")
    return value


def encode(value: Any) -> bytes:
    """Compact UTF-8 JSON with the number literals as they came in."""
    return _encoder.encode(value)


def as_decimal(value: Any) -> Decimal | None:
    """The numeric value of a decoded JSON number, None for anything else."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, msgspec.Raw):
        return Decimal(bytes(value).decode())
    return None

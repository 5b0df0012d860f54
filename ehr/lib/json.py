"""FHIR JSON in and out, faithful to the number literals: 10435.00 stays 10435.00.

Decimals are `Decimal`. A literal that `Decimal` would write in another way (``1E5``, ``-0``) is kept as it came
(`msgspec.Raw`).
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
_sorting_encoder = msgspec.json.Encoder(decimal_format="number", order="deterministic")


def decode(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`. Raises InvalidJSON with the place of the fault."""
    value = decode_value(data)
    if not isinstance(value, dict):
        raise InvalidJSON(f"expected a JSON object, found {type(value).__name__}")
    return value


def decode_value(data: bytes) -> Any:
    """Whatever JSON value `data` holds. Raises InvalidJSON with the place of the fault."""
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise InvalidJSON(str(fault)) from fault


def encode(value: Any) -> bytes:
    """Compact UTF-8 JSON with the number literals as they came in."""
    return _encoder.encode(value)


def encode_sorted(value: Any) -> bytes:
    """As `encode`, with the members of objects in one fixed order: equal values give equal bytes."""
    return _sorting_encoder.encode(value)


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

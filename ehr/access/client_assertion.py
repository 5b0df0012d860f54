"""Client assertions: a client system proves itself by signing with its own key (private_key_jwt).

RFC 7523 section 3; SMART App Launch 2.0, Client Authentication: Asymmetric. Algorithms ES384 and RS384. Keys come from
the key set that was registered with the client, never from an address: the server fetches nothing on a stranger's word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from jwcrypto.common import JWException, base64url_decode
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

ALGORITHMS = {"EC": "ES384", "RSA": "RS384"}
MAX_AGE = timedelta(minutes=5)
SKEW = timedelta(seconds=5)
T = TypeVar("T")
RSA_BITS_MIN = 2048
JTI_LENGTH_MAX = 255
_PRIVATE_PARTS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


class InvalidKeys(ValueError):
    """A key set that cannot be registered. The text says why."""


class InvalidAssertion(ValueError):
    """An assertion that proves nothing. The text says why, for the client's developer."""


class _Header(msgspec.Struct, frozen=True):
    alg: str
    kid: str


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    sub: str
    aud: str | list[str]
    jti: str
    exp: int | float
    iat: int | float | None = None
    nbf: int | float | None = None


@dataclass(frozen=True, slots=True)
class Assertion:
    """A verified assertion; `jti` is still to be used up."""

    client_id: str
    jti: str
    expires_at: datetime


def check_keys(jwks: Mapping[str, Any]) -> None:
    """Raises InvalidKeys unless `jwks` is a set of public keys fit for ES384 or RS384, each with its own `kid`."""
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not keys:
        raise InvalidKeys("A key set has a list of keys.")
    seen: set[str] = set()
    for key in keys:
        if not isinstance(key, Mapping) or not isinstance(key.get("kid"), str) or key["kid"] in seen:
            raise InvalidKeys("Every key has a kid of its own.")
        seen.add(key["kid"])
        _check_key(key)


def issuer(assertion: str) -> str:
    """The client id that the assertion claims, not yet to be believed. Raises InvalidAssertion."""
    return _claims(assertion).iss


def verify(assertion: str, *, jwks: Mapping[str, Any], client_id: str, audience: str, now: datetime) -> Assertion:
    """Checks signature, issuer, subject, audience and times. Raises InvalidAssertion.

    `audience` is the token endpoint's URL; an assertion lives five minutes at most.
    """
    header = _header(assertion)
    key = next((key for key in jwks["keys"] if key["kid"] == header.kid), None)
    if key is None:
        raise InvalidAssertion("the key id is not registered")
    if header.alg != ALGORITHMS[key["kty"]]:
        raise InvalidAssertion("the algorithm is not the one of the registered key")
    try:
        signed = JWS()
        signed.allowed_algs = [header.alg]
        signed.deserialize(assertion, JWK(**key))
    except JWException as fault:
        raise InvalidAssertion("the signature does not verify") from fault
    return _checked(_claims(assertion), client_id, audience, now)


def _checked(claims: _Claims, client_id: str, audience: str, now: datetime) -> Assertion:
    if claims.iss != client_id or claims.sub != client_id:
        raise InvalidAssertion("issuer and subject are not the client")
    if audience not in ([claims.aud] if isinstance(claims.aud, str) else claims.aud):
        raise InvalidAssertion("the audience is not this token endpoint")
    if not 0 < len(claims.jti) <= JTI_LENGTH_MAX or not claims.jti.isprintable():
        raise InvalidAssertion("the jti is empty, too long or not printable")
    expires_at = _instant(claims.exp)
    if expires_at <= now:
        raise InvalidAssertion("the assertion has expired")
    if expires_at > now + MAX_AGE + SKEW:
        raise InvalidAssertion("the assertion lives longer than five minutes")
    if any(moment is not None and _instant(moment) > now + SKEW for moment in (claims.iat, claims.nbf)):
        raise InvalidAssertion("the assertion is not valid yet")
    return Assertion(client_id=client_id, jti=claims.jti, expires_at=expires_at)


def _check_key(key: Mapping[str, Any]) -> None:
    if _PRIVATE_PARTS & key.keys():
        raise InvalidKeys("Only public keys are registered.")
    try:
        parsed = JWK(**key)
    except (JWException, TypeError, ValueError) as fault:
        raise InvalidKeys(f"The key {key['kid']} cannot be read.") from fault
    if key["kty"] == "EC" and key.get("crv") == "P-384":
        return
    if key["kty"] == "RSA" and parsed.get_op_key("verify").key_size >= RSA_BITS_MIN:
        return
    raise InvalidKeys(f"The key {key['kid']} is neither EC P-384 nor RSA of {RSA_BITS_MIN} bits or more.")


def _header(assertion: str) -> _Header:
    return _part(assertion, 0, _Header)


def _claims(assertion: str) -> _Claims:
    return _part(assertion, 1, _Claims)


def _part(assertion: str, index: int, shape: type[T]) -> T:
    parts = assertion.split(".")
    if len(parts) != 3:
        raise InvalidAssertion("the assertion is not a signed JWT")
    try:
        return msgspec.json.decode(base64url_decode(parts[index]), type=shape)
    except (msgspec.DecodeError, ValueError) as fault:
        raise InvalidAssertion("the assertion lacks a header or claim, or cannot be read") from fault


def _instant(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as fault:
        raise InvalidAssertion("a time in the assertion is out of range") from fault

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jwcrypto.jwk import JWK

from ehr.access.client_assertion import Assertion, InvalidAssertion, InvalidKeys, check_keys, issuer, verify
from tests.access.assertions import (
    EC_KEY,
    RSA_KEY,
    STRANGER_KEY,
    TOKEN_URL,
    claims,
    forged,
    key_set,
    signed,
)

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
CLIENT = "01900000-0000-7000-8000-000000000001"


def checked(assertion: str, jwks: dict[str, Any] | None = None) -> Assertion:
    return verify(assertion, jwks=jwks or key_set(), client_id=CLIENT, audience=TOKEN_URL, now=NOW)


@pytest.mark.parametrize("key", [EC_KEY, RSA_KEY])
def test_an_assertion_by_a_registered_key_is_believed(key: JWK) -> None:
    assertion = signed(claims(CLIENT, NOW), key)
    assert checked(assertion) == Assertion(CLIENT, "jti-1", NOW + timedelta(seconds=240))
    assert issuer(assertion) == CLIENT


def test_an_audience_may_be_one_of_several() -> None:
    assert checked(signed(claims(CLIENT, NOW, aud=["https://other.example", TOKEN_URL]))).jti == "jti-1"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"aud": "http://testserver/fhir/R4"}, "the audience is not this token endpoint"),
        ({"aud": "http://testserver/oauth/token/"}, "the audience is not this token endpoint"),
        ({"aud": "http://valley.testserver/oauth/token"}, "the audience is not this token endpoint"),
        ({"aud": []}, "the audience is not this token endpoint"),
        ({"iss": "somebody"}, "issuer and subject are not the client"),
        ({"sub": "somebody"}, "issuer and subject are not the client"),
        ({"exp": NOW.timestamp()}, "the assertion has expired"),
        ({"exp": NOW.timestamp() - 600}, "the assertion has expired"),
        ({"exp": NOW.timestamp() + 306}, "the assertion lives longer than five minutes"),
        ({"exp": 1e300}, "a time in the assertion is out of range"),
        ({"iat": NOW.timestamp() + 60}, "the assertion is not valid yet"),
        ({"nbf": NOW.timestamp() + 60}, "the assertion is not valid yet"),
        ({"jti": ""}, "the jti is empty, too long or not printable"),
        ({"jti": "x" * 256}, "the jti is empty, too long or not printable"),
        ({"jti": "a\x00b"}, "the jti is empty, too long or not printable"),
        ({"jti": None}, "the assertion lacks a header or claim, or cannot be read"),
        ({"exp": None}, "the assertion lacks a header or claim, or cannot be read"),
        ({"exp": "soon"}, "the assertion lacks a header or claim, or cannot be read"),
        ({"exp": True}, "the assertion lacks a header or claim, or cannot be read"),
        ({"aud": None}, "the assertion lacks a header or claim, or cannot be read"),
    ],
)
def test_a_wrong_claim_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidAssertion) as refusal:
        checked(signed(claims(CLIENT, NOW, **changes)))
    assert str(refusal.value) == why


@pytest.mark.parametrize(
    ("assertion", "why"),
    [
        (
            forged(claims(CLIENT, NOW), {"alg": "none", "kid": "ec-1"}),
            "the algorithm is not the one of the registered key",
        ),
        (
            forged(claims(CLIENT, NOW), {"alg": "HS256", "kid": "ec-1"}, b"x" * 32),
            "the algorithm is not the one of the registered key",
        ),
        (
            forged(claims(CLIENT, NOW), {"alg": "RS384", "kid": "ec-1"}, b"x" * 256),
            "the algorithm is not the one of the registered key",
        ),
        (forged(claims(CLIENT, NOW), {"alg": "ES384", "kid": "ec-1"}, b"x" * 96), "the signature does not verify"),
        (forged(claims(CLIENT, NOW), {"alg": "ES384", "kid": "ec-1"}), "the signature does not verify"),
        (signed(claims(CLIENT, NOW), STRANGER_KEY), "the signature does not verify"),
        (signed(claims(CLIENT, NOW), kid="ec-2"), "the key id is not registered"),
        (
            forged(claims(CLIENT, NOW), {"alg": "ES384"}, b"x" * 96),
            "the assertion lacks a header or claim, or cannot be read",
        ),
        ("", "the assertion is not a signed JWT"),
        ("a.b", "the assertion is not a signed JWT"),
        ("a.b.c", "the assertion lacks a header or claim, or cannot be read"),
        ("é.é.é", "the assertion lacks a header or claim, or cannot be read"),
    ],
)
def test_a_forged_assertion_is_refused(assertion: str, why: str) -> None:
    with pytest.raises(InvalidAssertion) as refusal:
        checked(assertion)
    assert str(refusal.value) == why


def test_a_claim_changed_after_signing_is_noticed() -> None:
    header, _, signature = signed(claims(CLIENT, NOW)).split(".")
    _, other_claims, _ = signed(claims(CLIENT, NOW, jti="jti-2")).split(".")
    with pytest.raises(InvalidAssertion, match="the signature does not verify"):
        checked(f"{header}.{other_claims}.{signature}")


def test_a_key_of_the_header_is_not_taken() -> None:
    public = STRANGER_KEY.export_public(as_dict=True)
    with pytest.raises(InvalidAssertion, match="the signature does not verify"):
        checked(signed(claims(CLIENT, NOW), STRANGER_KEY, jwk=public, jku="https://evil.example/keys"))


def test_public_keys_fit_for_the_two_algorithms_are_taken() -> None:
    check_keys(key_set())


@pytest.mark.parametrize(
    ("jwks", "why"),
    [
        ({}, "A key set has a list of keys."),
        ({"keys": []}, "A key set has a list of keys."),
        ({"keys": ["x"]}, "Every key has a kid of its own."),
        ({"keys": [{"kty": "EC"}]}, "Every key has a kid of its own."),
        (key_set(EC_KEY, STRANGER_KEY), "Every key has a kid of its own."),
        ({"keys": [EC_KEY.export_private(as_dict=True)]}, "Only public keys are registered."),
        ({"keys": [{"kty": "oct", "kid": "s", "k": "c2VjcmV0"}]}, "Only public keys are registered."),
        ({"keys": [{"kty": "EC", "crv": "P-384", "kid": "half", "x": "AA"}]}, "The key half cannot be read."),
        ({"keys": [{"kid": "bare"}]}, "The key bare cannot be read."),
        (
            key_set(JWK.generate(kty="EC", crv="P-256", kid="short")),
            "The key short is neither EC P-384 nor RSA of 2048 bits or more.",
        ),
        (
            key_set(JWK.generate(kty="RSA", size=1024, kid="small")),
            "The key small is neither EC P-384 nor RSA of 2048 bits or more.",
        ),
        (
            key_set(JWK.generate(kty="OKP", crv="Ed25519", kid="ed")),
            "The key ed is neither EC P-384 nor RSA of 2048 bits or more.",
        ),
    ],
)
def test_other_keys_are_refused(jwks: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidKeys) as refusal:
        check_keys(jwks)
    assert str(refusal.value) == why

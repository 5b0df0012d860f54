"""Signs client assertions as a client system's developer would, and as an attacker would."""

import base64
import json
from datetime import datetime
from typing import Any

from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

TOKEN_URL = "http://testserver/oauth/token"
EC_KEY = JWK.generate(kty="EC", crv="P-384", kid="ec-1")
RSA_KEY = JWK.generate(kty="RSA", size=2048, kid="rsa-1")
STRANGER_KEY = JWK.generate(kty="EC", crv="P-384", kid="ec-1")
ALGORITHMS = {"EC": "ES384", "RSA": "RS384"}


def key_set(*keys: JWK) -> dict[str, Any]:
    return {"keys": [key.export_public(as_dict=True) for key in keys or (EC_KEY, RSA_KEY)]}


def claims(client_id: str, now: datetime, **changes: Any) -> dict[str, Any]:
    """Good claims, with `changes`; a claim changed to None is left out."""
    good = {
        "iss": client_id,
        "sub": client_id,
        "aud": TOKEN_URL,
        "jti": "jti-1",
        "exp": int(now.timestamp()) + 240,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(payload: dict[str, Any], key: JWK = EC_KEY, **header: Any) -> str:
    jws = JWS(json.dumps(payload))
    protected = {"alg": ALGORITHMS[key["kty"]], "typ": "JWT", "kid": key["kid"], **header}
    jws.allowed_algs = [protected["alg"]]
    jws.add_signature(key, None, json.dumps(protected))
    return str(jws.serialize(compact=True))


def forged(payload: dict[str, Any], header: dict[str, Any], signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)

"""POST /oauth/token and what its tokens open."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client as Browser
from oauth2_provider.models import AccessToken

from ehr.access.actions import RegisteredClient, end_client, issue_token, register_client, revoke_tokens
from ehr.access.bearer import authenticate_bearer
from ehr.access.errors import ExpiredToken, MalformedToken, NoToken, Unauthenticated, UnknownToken
from ehr.access.models import UsedAssertion
from ehr.lib import clock, json
from ehr.lib.tenancy import use_tenant
from tests.access.assertions import EC_KEY, RSA_KEY, STRANGER_KEY, claims, forged, key_set, signed
from tests.access.conftest import OPERATOR, MakeClient, trail

FORM = "application/x-www-form-urlencoded"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)

Ask = Callable[..., HttpResponse]


@pytest.fixture
def ask(db: None) -> Ask:
    def post(host: str = "testserver", authorization: str | None = None, **parameters: str) -> HttpResponse:
        headers = {"host": host} | ({"authorization": authorization} if authorization else {})
        body = urlencode({"grant_type": "client_credentials", **parameters})
        return Browser().post("/oauth/token", body, content_type=FORM, headers=headers)

    return post


def basic(client_id: str, secret: str | None) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def proof(client: RegisteredClient) -> dict[str, str]:
    return {"client_id": client.client.client_id, "client_secret": client.secret or ""}


def assertion(value: str) -> dict[str, str]:
    return {"client_assertion_type": JWT_BEARER, "client_assertion": value}


def body(response: HttpResponse) -> dict[str, Any]:
    return json.decode(response.content)


def bearer(response: HttpResponse) -> str:
    return f"Bearer {body(response)['access_token']}"


def test_a_secret_in_the_body_gets_a_token(ask: Ask, make_client: MakeClient) -> None:
    feeder = make_client()
    response = ask(scope="system/Patient.rs", **proof(feeder))
    answer = body(response)
    token = answer.pop("access_token")
    assert (response.status_code, answer) == (
        200,
        {"token_type": "Bearer", "expires_in": 900, "scope": "system/Patient.rs"},
    )
    assert (response["Cache-Control"], response["Content-Type"]) == ("no-store", "application/json")
    assert "Set-Cookie" not in response
    actor = authenticate_bearer(f"Bearer {token}")
    assert (actor.kind, actor.id, actor.name) == ("client", feeder.client.client_id, "Feeder")
    assert [actor.may(right) for right in ("Patient.r", "Patient.s", "Patient.c", "Observation.r")] == [
        True,
        True,
        False,
        False,
    ]
    issued = AccessToken.objects.get()
    assert trail("access.token.issue") == [
        (
            "success",
            feeder.client.client_id,
            None,
            {"client": feeder.client.client_id, "token": issued.pk, "scope": "system/Patient.rs"},
        )
    ]


def test_the_token_itself_is_not_kept(ask: Ask, make_client: MakeClient) -> None:
    token = body(ask(**proof(make_client())))["access_token"]
    row = AccessToken.objects.get()
    assert row.token == ""
    assert token not in str(vars(row))


def test_a_secret_in_the_header_gets_a_token(ask: Ask, make_client: MakeClient) -> None:
    feeder = make_client("system/*.rs")
    response = ask(authorization=basic(feeder.client.client_id, feeder.secret))
    assert (response.status_code, body(response)["scope"]) == (200, "system/*.rs")


def test_a_token_lives_as_long_as_its_client_was_registered_for(
    ask: Ask, make_client: MakeClient, frozen_clock: datetime
) -> None:
    response = ask(**proof(make_client(token_lifetime=300)))
    assert body(response)["expires_in"] == 300
    with clock.frozen(frozen_clock + timedelta(seconds=299)):
        assert authenticate_bearer(bearer(response)).name == "Feeder"
    with clock.frozen(frozen_clock + timedelta(seconds=300)), pytest.raises(ExpiredToken):
        authenticate_bearer(bearer(response))


@pytest.mark.parametrize("way", ["header", "body"])
@pytest.mark.parametrize("secret", ["wrong", "", "é", "\x00", "a" * 5000])
def test_a_wrong_secret_gets_none(ask: Ask, make_client: MakeClient, way: str, secret: str) -> None:
    feeder = make_client()
    client_id = feeder.client.client_id
    if way == "header":
        response = ask(authorization=basic(client_id, secret))
    else:
        response = ask(client_id=client_id, client_secret=secret)
    assert (response.status_code, body(response)) == (401, {"error": "invalid_client"})
    assert response["WWW-Authenticate"] == 'Basic realm="token endpoint"'
    assert trail("access.client.authenticate") == [("refused", client_id, None, {"code": "client_secret"})]
    assert AccessToken.objects.count() == 0


def test_the_stored_digest_is_not_a_secret(ask: Ask, make_client: MakeClient) -> None:
    feeder = make_client()
    response = ask(client_id=feeder.client.client_id, client_secret=feeder.client.client_secret)
    assert response.status_code == 401


@pytest.mark.parametrize("client_id", ["nobody", "", "\x00", "0" * 36, "https://evil.example/client.json"])
def test_an_unknown_client_gets_none_and_what_it_sent_is_not_kept(ask: Ask, client_id: str) -> None:
    response = ask(client_id=client_id, client_secret="secret")
    assert (response.status_code, body(response)) == (401, {"error": "invalid_client"})
    assert trail("access.client.authenticate") == [("refused", "unknown", None, {"code": "client_secret"})]


@pytest.mark.parametrize("header", ["Basic", "Basic x", "Basic !!!", "Basic bm9jb2xvbg==", "Basic //8=", "Bearer x"])
def test_a_malformed_header_gets_none(ask: Ask, make_client: MakeClient, header: str) -> None:
    make_client()
    assert ask(authorization=header).status_code == 401


def test_two_proofs_at_once_are_refused(ask: Ask, make_client: MakeClient) -> None:
    feeder = make_client()
    client_id = feeder.client.client_id
    response = ask(authorization=basic(client_id, feeder.secret), **proof(feeder))
    assert (response.status_code, body(response)["error"]) == (400, "invalid_request")


def test_an_ended_client_gets_none_and_its_tokens_stop(ask: Ask, make_client: MakeClient) -> None:
    feeder = make_client()
    token = bearer(ask(**proof(feeder)))
    assert authenticate_bearer(token).name == "Feeder"
    end_client(actor=OPERATOR, client_id=feeder.client.client_id, reason="contract over")
    with pytest.raises(UnknownToken):
        authenticate_bearer(token)
    assert ask(**proof(feeder)).status_code == 401


def test_a_token_issued_while_its_client_ends_is_worth_nothing(make_client: MakeClient) -> None:
    client = make_client().client
    details = {
        "actor": OPERATOR,
        "client": client,
        "scope": "system/*.rs",
        "expires_at": clock.now() + timedelta(hours=1),
    }
    issue_token(token="early", **details)
    assert authenticate_bearer("Bearer early").name == "Feeder"
    end_client(actor=OPERATOR, client_id=client.client_id, reason="contract over")
    issue_token(token="late", **details)
    for token in ("early", "late"):
        with pytest.raises(UnknownToken):
            authenticate_bearer(f"Bearer {token}")


def test_a_revoked_token_stops_at_once(ask: Ask, make_client: MakeClient) -> None:
    feeder = make_client()
    token = bearer(ask(**proof(feeder)))
    assert authenticate_bearer(token).name == "Feeder"
    assert revoke_tokens(actor=OPERATOR, client_id=feeder.client.client_id, reason="leaked") == 1
    with pytest.raises(UnknownToken):
        authenticate_bearer(token)
    assert authenticate_bearer(bearer(ask(**proof(feeder)))).name == "Feeder"


def test_more_scope_than_registered_is_not_given(ask: Ask, make_client: MakeClient) -> None:
    reader = make_client("system/Patient.rs system/Observation.rs")
    response = ask(scope="system/*.cruds", **proof(reader))
    assert body(response)["scope"] == "system/Observation.rs system/Patient.rs"
    actor = authenticate_bearer(bearer(response))
    assert [actor.may(right) for right in ("Patient.r", "Patient.c", "Task.r")] == [True, False, False]


@pytest.mark.parametrize(
    "scope", ["system/Patient.c", "system/Task.rs", "openid", "patient/*.rs", "system/Patient.rs offline_access"]
)
def test_a_scope_that_cannot_be_given_is_refused(ask: Ask, make_client: MakeClient, scope: str) -> None:
    reader = make_client("system/Patient.rs")
    response = ask(scope=scope, **proof(reader))
    assert (response.status_code, body(response)["error"]) == (400, "invalid_scope")
    assert trail("access.token.issue") == [("refused", reader.client.client_id, None, {"code": "invalid_scope"})]
    assert AccessToken.objects.count() == 0


@pytest.mark.parametrize(
    "grant", ["password", "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "x"]
)
def test_another_grant_is_refused(ask: Ask, make_client: MakeClient, grant: str) -> None:
    response = ask(grant_type=grant, username="a", password="b", code="c", device_code="d", **proof(make_client()))
    assert (response.status_code, body(response)["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("content", "content_type", "query"),
    [
        (b"{}", "application/json", ""),
        (b"grant_type=client_credentials", "text/plain", ""),
        (b"grant_type=client_credentials", FORM, "?client_id=x"),
        (b"grant_type=client_credentials", FORM, "?x"),
        (b"", FORM, ""),
        (b"grant_type=client_credentials&grant_type=password", FORM, ""),
        (b"grant_type=client_credentials&scope=a&scope=b", FORM, ""),
        (b"grant_type=client_credentials&padding=" + b"x" * 70_000, FORM, ""),
    ],
)
def test_a_malformed_request_is_told_so(db: None, content: bytes, content_type: str, query: str) -> None:
    response = Browser(headers={"host": "testserver"}).post(f"/oauth/token{query}", content, content_type=content_type)
    assert (response.status_code, body(response)["error"]) == (400, "invalid_request")


def test_a_body_of_another_type_is_refused_though_all_in_it_is_good(make_client: MakeClient, client: Browser) -> None:
    good = {"grant_type": "client_credentials", **proof(make_client())}
    assert client.post("/oauth/token", good).status_code == 400
    assert client.post("/oauth/token", urlencode(good), content_type=FORM).status_code == 200


def test_only_post_is_served(db: None, client: Browser) -> None:
    assert client.get("/oauth/token").status_code == 405


def test_another_tenants_client_gets_none(ask: Ask, make_client: MakeClient) -> None:
    feeder = make_client()
    assert ask(host="valley.testserver", **proof(feeder)).status_code == 401
    assert ask(**proof(feeder)).status_code == 200


def test_another_tenants_token_is_unknown(ask: Ask, make_client: MakeClient) -> None:
    token = bearer(ask(**proof(make_client())))
    with use_tenant("valley"), pytest.raises(UnknownToken):
        authenticate_bearer(token)
    assert authenticate_bearer(token).name == "Feeder"


@pytest.mark.parametrize("key", [EC_KEY, RSA_KEY])
def test_an_assertion_gets_a_token(ask: Ask, make_client: MakeClient, frozen_clock: datetime, key: Any) -> None:
    signer = make_client("system/*.rs", jwks=key_set())
    assert signer.secret is None
    response = ask(**assertion(signed(claims(signer.client.client_id, frozen_clock), key)))
    assert (response.status_code, body(response)["scope"]) == (200, "system/*.rs")
    assert authenticate_bearer(bearer(response)).id == signer.client.client_id


def test_an_assertion_works_once(ask: Ask, make_client: MakeClient, frozen_clock: datetime) -> None:
    signer = make_client(jwks=key_set())
    good = assertion(signed(claims(signer.client.client_id, frozen_clock)))
    first, second = ask(**good), ask(**good)
    assert (first.status_code, second.status_code) == (200, 401)
    assert body(second) == {
        "error": "invalid_client",
        "error_description": "Client assertion refused: the jti was used before.",
    }
    again = ask(**assertion(signed(claims(signer.client.client_id, frozen_clock, jti="jti-2"))))
    assert again.status_code == 200


def test_an_assertion_sent_twice_at_once_works_once(committed: dict[str, str]) -> None:
    signer = register_client(actor=OPERATOR, name="Signer", scope="system/*.rs", jwks=key_set())
    twice = urlencode(
        {"grant_type": "client_credentials", **assertion(signed(claims(signer.client.client_id, clock.now())))}
    )
    together = Barrier(4)

    def send(_number: int) -> int:
        try:
            together.wait()
            return Browser(headers={"host": "testserver"}).post("/oauth/token", twice, content_type=FORM).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as senders:
        assert sorted(senders.map(send, range(4))) == [200, 401, 401, 401]


def test_used_assertions_are_forgotten_once_they_expired(
    ask: Ask, make_client: MakeClient, frozen_clock: datetime
) -> None:
    signer = make_client(jwks=key_set())
    ask(**assertion(signed(claims(signer.client.client_id, frozen_clock))))
    later = frozen_clock + timedelta(minutes=10)
    with clock.frozen(later):
        ask(**assertion(signed(claims(signer.client.client_id, later, jti="jti-2"))))
    assert [used.jti for used in UsedAssertion.objects.all()] == ["jti-2"]


def test_one_client_cannot_use_up_anothers_assertion_ids(
    ask: Ask, make_client: MakeClient, frozen_clock: datetime
) -> None:
    one, other = make_client(jwks=key_set(), name="One"), make_client(jwks=key_set(), name="Other")
    for signer in (one, other):
        assert ask(**assertion(signed(claims(signer.client.client_id, frozen_clock)))).status_code == 200


@pytest.mark.parametrize(
    "attack",
    [
        lambda client_id: signed(claims(client_id, NOW), STRANGER_KEY),
        lambda client_id: signed(claims(client_id, NOW), kid="unknown"),
        lambda client_id: signed(claims(client_id, NOW, aud="http://evil.example/oauth/token")),
        lambda client_id: signed(claims(client_id, NOW, aud="http://valley.testserver/oauth/token")),
        lambda client_id: signed(claims(client_id, NOW, exp=int(NOW.timestamp()) - 1)),
        lambda client_id: signed(claims(client_id, NOW, exp=int(NOW.timestamp()) + 3600)),
        lambda client_id: forged(claims(client_id, NOW), {"alg": "none", "kid": "ec-1"}),
        lambda _client_id: signed(claims("0" * 36, NOW)),
        lambda _client_id: signed(claims("\x00", NOW)),
        lambda _client_id: "nonsense",
    ],
)
def test_an_assertion_that_proves_nothing_gets_none(
    ask: Ask, make_client: MakeClient, frozen_clock: datetime, attack: Callable[[str], str]
) -> None:
    signer = make_client(jwks=key_set())
    client_id = signer.client.client_id
    assert frozen_clock == NOW
    response = ask(**assertion(attack(client_id)))
    assert (response.status_code, body(response)["error"]) == (401, "invalid_client")
    assert [row[0] for row in trail("access.client.authenticate")] == ["refused"]
    assert ask(**assertion(signed(claims(client_id, frozen_clock)))).status_code == 200


def test_an_assertion_of_another_type_is_refused(ask: Ask, make_client: MakeClient, frozen_clock: datetime) -> None:
    signer = make_client(jwks=key_set())
    good = signed(claims(signer.client.client_id, frozen_clock))
    saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
    assert ask(client_assertion_type=saml, client_assertion=good).status_code == 401
    assert ask(client_assertion=good).status_code == 401
    assert ask(**assertion(good), client_id="somebody-else").status_code == 401
    assert ask(**assertion(good), client_id=signer.client.client_id).status_code == 200


def test_a_client_proves_itself_only_in_the_way_it_was_registered_for(
    ask: Ask, make_client: MakeClient, frozen_clock: datetime
) -> None:
    by_secret, by_key = make_client(), make_client(jwks=key_set(), name="Signer")
    assert ask(**assertion(signed(claims(by_secret.client.client_id, frozen_clock)))).status_code == 401
    assert ask(client_id=by_key.client.client_id, client_secret="").status_code == 401
    assert ask(client_id=by_key.client.client_id).status_code == 401
    assert ask(authorization=basic(by_key.client.client_id, "")).status_code == 401


def test_another_tenants_assertion_is_not_taken(ask: Ask, make_client: MakeClient, frozen_clock: datetime) -> None:
    signer = make_client(jwks=key_set())
    url = "http://valley.testserver/oauth/token"
    stray = assertion(signed(claims(signer.client.client_id, frozen_clock, aud=url)))
    assert ask(host="valley.testserver", **stray).status_code == 401
    with use_tenant("valley"):
        twin = register_client(actor=OPERATOR, name="Twin", scope="system/*.rs", jwks=key_set())
    good = assertion(signed(claims(twin.client.client_id, frozen_clock, aud=url)))
    assert ask(host="valley.testserver", **good).status_code == 200


def test_tokens_that_expired_a_day_ago_are_swept_out(ask: Ask, make_client: MakeClient, frozen_clock: datetime) -> None:
    feeder = make_client()
    ask(**proof(feeder))
    with clock.frozen(frozen_clock + timedelta(days=1, minutes=14)):
        ask(**proof(feeder))
    assert AccessToken.objects.count() == 2
    with clock.frozen(frozen_clock + timedelta(days=1, minutes=16)):
        ask(**proof(feeder))
    assert AccessToken.objects.count() == 2


@pytest.mark.parametrize(
    ("header", "error", "challenge"),
    [
        (None, NoToken, 'Bearer realm="FHIR"'),
        ("", NoToken, 'Bearer realm="FHIR"'),
        ("Basic abc", MalformedToken, "The Authorization header is not a bearer token."),
        ("Bearer", MalformedToken, "The Authorization header is not a bearer token."),
        ("Bearer ", MalformedToken, "The Authorization header is not a bearer token."),
        ("Bearer a b", MalformedToken, "The Authorization header is not a bearer token."),
        ("Bearer \x00", MalformedToken, "The Authorization header is not a bearer token."),
        ("Bearer ' OR 1=1", MalformedToken, "The Authorization header is not a bearer token."),
        ("Bearer unknown", UnknownToken, "The access token is unknown or was revoked."),
    ],
)
def test_a_header_without_a_good_token_is_refused(
    db: None, header: str | None, error: type[Unauthenticated], challenge: str
) -> None:
    with pytest.raises(error) as refusal:
        authenticate_bearer(header)
    expected = (
        challenge
        if error is NoToken
        else f'Bearer realm="FHIR", error="invalid_token", error_description="{challenge}"'
    )
    assert refusal.value.challenge() == expected


def test_a_token_check_is_one_statement(ask: Ask, make_client: MakeClient, query_count: Any) -> None:
    token = bearer(ask(**proof(make_client())))
    with query_count(1):
        authenticate_bearer(token)

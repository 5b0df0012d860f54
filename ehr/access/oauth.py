"""The token endpoint: client credentials by secret or by signed assertion (RFC 6749 section 4.4, RFC 7523)."""

import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2 import BackendApplicationServer
from oauthlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from ehr.access import client_assertion, scopes
from ehr.access.actions import issue_token
from ehr.access.actions.clients import secret_digest
from ehr.access.client_assertion import Assertion, InvalidAssertion
from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.lib import clock, tenancy

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path

_USE_UP_SQL = """
WITH swept AS (DELETE FROM access_usedassertion WHERE client_id = %(client)s AND expires_at <= %(now)s)
INSERT INTO access_usedassertion (client_id, jti, expires_at) VALUES (%(client)s, %(jti)s, %(expires)s)
ON CONFLICT (client_id, jti) DO NOTHING RETURNING id
"""


class ClientCredentialsValidator(OAuth2Validator):  # type: ignore[misc] # the toolkit is untyped
    """What the toolkit asks of us. Clients are confidential; each proves itself in the one way it was registered for."""

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Sets `request.client` when the request proves who it is, and audits the attempt when it does not."""
        if self._proofs(request) > 1:
            raise InvalidRequestError("One way of client authentication, not two.", request=request)
        if _given(request, "client_assertion") or _given(request, "client_assertion_type"):
            return self._authenticate_by_assertion(request)
        proven = bool(super().authenticate_client(request, *args, **kwargs))
        if not proven:
            self._note_failure(request, "client_secret")
        return proven

    def validate_scopes(
        self, client_id: str, scopes_asked: list[str], client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:  # noqa: ARG002, E501 - the toolkit's signature
        """Reduces what is asked to what the client may have; refuses what is unknown, and what leaves nothing."""
        try:
            granted = scopes.reduce(" ".join(scopes_asked), client.allowed_scope)
        except scopes.UnknownScope:
            return False
        request.scopes = granted.split()
        return bool(granted)

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:  # noqa: ARG002 - the toolkit's signature
        """All that the client may have, when it asks for nothing in particular (RFC 6749 section 3.3)."""
        allowed: str = request.client.allowed_scope
        return allowed.split()

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - the toolkit's signature
        client = request.client
        issue_token(
            actor=Actor(kind="client", id=client.client_id, name=client.name),
            client=client,
            token=token["access_token"],
            scope=token["scope"],
            expires_at=clock.now() + timedelta(seconds=token["expires_in"]),
        )

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        return bool(stored_secret) and hmac.compare_digest(secret_digest(provided_secret), stored_secret)

    def _proofs(self, request: Request) -> int:
        by_header = self._extract_basic_auth(request) is not None
        return by_header + bool(request.client_secret) + bool(_given(request, "client_assertion"))

    def _authenticate_by_assertion(self, request: Request) -> bool:
        try:
            if _given(request, "client_assertion_type") != JWT_BEARER:
                raise InvalidAssertion("the client_assertion_type is not jwt-bearer")
            self._use_up(request, self._verified(request))
        except InvalidAssertion as fault:
            self._note_failure(request, "private_key_jwt")
            request.client = None
            raise InvalidClientError(description=f"Client assertion refused: {fault}.", request=request) from fault
        return True

    def _verified(self, request: Request) -> Assertion:
        assertion = _given(request, "client_assertion")
        client_id = client_assertion.issuer(assertion)
        if request.client_id and request.client_id != client_id:
            raise InvalidAssertion("issuer and subject are not the client")
        client = self._load_application(client_id, request)
        if client is None or client.jwks is None:
            raise InvalidAssertion("the client is not registered for assertions")
        return client_assertion.verify(
            assertion,
            jwks=client.jwks,
            client_id=client_id,
            audience=_without_query(request.uri),
            now=clock.now(),
        )

    def _use_up(self, request: Request, assertion: Assertion) -> None:
        values = {
            "client": request.client.pk,
            "jti": assertion.jti,
            "expires": assertion.expires_at + client_assertion.SKEW,
            "now": clock.now(),
        }
        with tenancy.connection().cursor() as cursor:
            cursor.execute(_USE_UP_SQL, values)
            if cursor.fetchone() is None:
                raise InvalidAssertion("the jti was used before")
        request.client_id = assertion.client_id

    def _note_failure(self, request: Request, proof: str) -> None:
        client = request.client
        actor = Actor("client", client.client_id, client.name) if client else Actor("client", "unknown", "unknown")
        trail.write([trail.Row("access.client.authenticate", actor, detail={"proof": proof}, outcome="refused")])


class TokenRequests(OAuthLibCore):  # type: ignore[misc] # the toolkit is untyped
    """Hands requests to oauthlib whole: with their host, which an assertion's audience names, and repeated parameters."""

    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        return request.build_absolute_uri(super()._get_escaped_full_path(request))

    def extract_body(self, request: HttpRequest) -> list[tuple[str, str]]:
        return [(name, value) for name, values in request.POST.lists() for value in values]


def server() -> BackendApplicationServer:
    """oauthlib's server for the client credentials grant alone; any other grant is refused as unsupported."""
    return BackendApplicationServer(
        ClientCredentialsValidator(), token_expires_in=lambda request: request.client.token_lifetime
    )


def _given(request: Request, name: str) -> str:
    """A parameter that oauthlib itself has no name for; empty when it was not sent."""
    return getattr(request, name, None) or ""


def _without_query(uri: str) -> str:
    return urlunsplit(urlsplit(uri)._replace(query="", fragment=""))

"""What the OpenAPI document says of an endpoint, taken from the endpoint itself."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import OpenApiResponse

from ehr.access.endpoints.problems import MEDIA_TYPE, Problem

if TYPE_CHECKING:
    from ehr.access.endpoints.endpoint import Endpoint

REFUSALS = {
    HTTPStatus.BAD_REQUEST: "A parameter is unknown, given twice, or wrong; `errors` names each.",
    HTTPStatus.UNAUTHORIZED: "Nobody is signed in, or the bearer token does not count.",
    HTTPStatus.FORBIDDEN: "Whoever asks may not do this. The attempt is audited.",
    HTTPStatus.NOT_FOUND: "There is no such thing.",
    HTTPStatus.NOT_ACCEPTABLE: "None of the media types in Accept is offered here.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "An unforeseen fault. Nothing was changed.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The records cannot be reached just now; Retry-After says when to try again.",
}


class EndpointSchema(AutoSchema):
    """Reads parameters, answer, refusals and words off the endpoint."""

    view: "Endpoint"  # type: ignore[override] # every view described here is one

    def get_operation_id(self) -> str:
        """The name of the endpoint's class: ``readImports``."""
        name = type(self.view).__name__
        return name[:1].lower() + name[1:]

    def get_tags(self) -> list[str]:
        """The one subject that the endpoint belongs to."""
        return [self.view.tag]

    def get_summary(self) -> str:
        """The first paragraph of the docstring."""
        return self._words()[0]

    def get_description(self) -> str:  # type: ignore[override] # as the class above this one has it
        """The other paragraphs of the docstring, and who may ask."""
        person, client = self.view.needed("user"), self.view.needed("client")
        held = f"Needs `{person}` among a person's permissions, or the scope `system/{client}`." if person else ""
        return "\n\n".join(text for text in (*self._words()[1:], held) if text)

    def get_override_parameters(self) -> list[Any]:
        """The parameters of the query string."""
        return [self.view.question] if self.view.question().fields else []

    def get_response_serializers(self) -> Any:
        """The answer, and every refusal that is possible here."""
        refusals = {
            (status.value, MEDIA_TYPE): OpenApiResponse(Problem, description=REFUSALS[status])
            for status in REFUSALS
            if self._is_possible(status)
        }
        return {200: self._content(), **refusals}

    def _content(self) -> OpenApiResponse:
        return OpenApiResponse(self.view.answer, description=(self.view.answer.__doc__ or "").splitlines()[0])

    def _is_possible(self, status: HTTPStatus) -> bool:
        if status is HTTPStatus.FORBIDDEN:
            return self.view.permission is not None
        return status is not HTTPStatus.NOT_FOUND or "{" in self.path

    def _words(self) -> list[str]:
        paragraphs = (type(self.view).__doc__ or "").split("\n\n")
        return [" ".join(paragraph.split()) for paragraph in paragraphs]


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # the library leaves it untyped
    """The token of a client system. The scope that is needed stands with each endpoint."""

    target_class = "ehr.access.endpoints.authentication.BearerToken"
    name = "client"

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        """The scope that the endpoint asks for."""
        assert isinstance(auto_schema, EndpointSchema)  # noqa: S101 - REST_FRAMEWORK names no other
        scope = auto_schema.view.scope
        return {self.name: [f"system/{scope}"] if scope else []}

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002 - theirs to give
        """OAuth 2 client credentials (RFC 6749 section 4.4)."""
        return {
            "type": "oauth2",
            "description": "A client system's token, sent as `Authorization: Bearer`; the same as for /fhir/R4.",
            "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": spectacular_settings.OAUTH2_SCOPES}},
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # as above
    """The session of a signed-in person."""

    target_class = "ehr.access.endpoints.authentication.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002 - theirs to give
        """A cookie (OpenAPI 3.1 section 4.8.27)."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session of a person signed in at /accounts/login/, in a browser.",
        }

"""/api/v1: what every app offers to programs beside FHIR, and its description in OpenAPI."""

from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from ehr.access.endpoints import Endpoint


class OpenAPIDocument(serializers.Serializer[Any]):
    """An OpenAPI 3.1 document."""

    openapi = serializers.CharField(help_text="The version of OpenAPI.")
    info = serializers.DictField(help_text="What is described, and its version.")
    paths = serializers.DictField(help_text="Each path with its operations.")
    components = serializers.DictField(help_text="The schemas and security schemes that the paths refer to.")


class DescribeAPI(Endpoint):
    """Describes /api/v1 in OpenAPI 3.1, as JSON or YAML.

    Open to every person who is signed in and every client system with a token.
    """

    answer = OpenAPIDocument
    tag = "description"
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer2, OpenApiYamlRenderer]

    def get(self, request: Request) -> Response:  # noqa: ARG002 - Django's signature
        """The document, the same for everybody."""
        return Response(document())


class Elsewhere(Endpoint):
    """Every other path below /api/v1."""

    schema = None

    def check_permissions(self, request: Request) -> None:
        """Strangers are not told what is not there."""
        super().check_permissions(request)
        raise NotFound


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of this version of the product."""
    content: dict[str, Any] = SchemaGenerator().get_schema(  # type: ignore[no-untyped-call] # the library leaves it untyped
        request=None, public=True
    )
    return content


app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema", DescribeAPI.as_view(), name="schema"),
    path("", include("ehr.access.rest")),
    path("", include("ehr.administration.rest")),
    path("", include("ehr.terminology.rest")),
    path("", include("ehr.fhir.imports.rest")),
    re_path("", Elsewhere.as_view(), name="elsewhere"),
]

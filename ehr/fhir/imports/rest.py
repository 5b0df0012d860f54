"""/api/v1/imports."""

from typing import ClassVar

from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from ehr.access.endpoints import Endpoint
from ehr.fhir.imports import selectors
from ehr.fhir.imports.selectors import LEFT, ImportNotFound
from ehr.fhir.imports.serializers import (
    ImportList,
    ImportQuestion,
    ImportReportContent,
    RemainderDetail,
    RemainderList,
    RemainderQuestion,
)

SOURCE = OpenApiParameter("source", OpenApiTypes.STR, "path", description="The name that `import_fhir --source` gave.")
NUMBER = OpenApiParameter("number", OpenApiTypes.INT64, "path", description="The `id` of a remainder.")


class ImportEndpoint(Endpoint):
    """What the endpoints about imports have in common: what was refused may hold anything, so reading all is needed."""

    permission: ClassVar[str] = "fhir.read-imports"
    scope: ClassVar[str] = "*.r"
    tag = "imports"

    def not_found(self) -> NotFound:
        """Nothing was imported under this name, or nothing is left under this number."""
        return NotFound("There is no such import, or nothing of it is left under this number.")


class ListImports(ImportEndpoint):
    """Lists the sources that FHIR files were imported from, and what came of them."""

    action = selectors.LISTED
    question = ImportQuestion
    answer = ImportList

    def get(self, request: Request) -> Response:  # noqa: ARG002 - Django's signature
        """A page of sources, by name."""
        limit = self.asked["limit"]
        found = selectors.list_imports(actor=self.actor, after=self.asked.get("after", ""), limit=limit + 1)
        last = found[limit - 1].source if len(found) > limit else None
        return self.answered({"items": found[:limit], "next": self.page_after(last)})


class ReadImport(ImportEndpoint):
    """Tells what the imports of one source came to, by type of resource and by reason.

    A reason may quote what was refused, so each look is audited.
    """

    action = selectors.READ
    answer = ImportReportContent

    @extend_schema(parameters=[SOURCE])
    def get(self, request: Request, source: str) -> Response:  # noqa: ARG002 - Django's signature
        """The report of one source."""
        try:
            return self.answered(selectors.read_import(actor=self.actor, source=source))
        except ImportNotFound as absent:
            raise self.not_found() from absent


class ListRemainders(ImportEndpoint):
    """Lists what the imports of one source could not store, and why, in the order it came.

    What is parked waits for what it refers to. Each look is audited.
    """

    action = selectors.READ_REMAINDERS
    question = RemainderQuestion
    answer = RemainderList

    @extend_schema(parameters=[SOURCE])
    def get(self, request: Request, source: str) -> Response:  # noqa: ARG002 - Django's signature
        """A page of remainders."""
        limit, status = self.asked["limit"], self.asked.get("status")
        statuses = [status] if status else LEFT
        try:
            found = selectors.list_remainders(
                actor=self.actor, source=source, statuses=statuses, after=self.asked["after"], limit=limit + 1
            )
        except ImportNotFound as absent:
            raise self.not_found() from absent
        last = found[limit - 1].pk if len(found) > limit else None
        return self.answered({"items": found[:limit], "next": self.page_after(last)})


class ReadRemainder(ImportEndpoint):
    """Gives one thing that an import could not store, with its content as it was read.

    The content is a patient's data; each look is audited.
    """

    action = selectors.READ_REMAINDER
    answer = RemainderDetail

    @extend_schema(parameters=[SOURCE, NUMBER])
    def get(self, request: Request, source: str, number: int) -> Response:  # noqa: ARG002 - Django's signature
        """One remainder."""
        try:
            return self.answered(selectors.read_remainder(actor=self.actor, source=source, number=number))
        except ImportNotFound as absent:
            raise self.not_found() from absent


# A source may have slashes in its name.
urlpatterns: list[URLPattern] = [
    path("imports", ListImports.as_view(), name="imports"),
    path("imports/<path:source>/remainders/<int:number>", ReadRemainder.as_view(), name="remainder"),
    path("imports/<path:source>/remainders", ListRemainders.as_view(), name="remainders"),
    path("imports/<path:source>", ReadImport.as_view(), name="import"),
]

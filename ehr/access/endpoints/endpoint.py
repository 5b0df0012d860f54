"""The base of every view below /api/v1."""

from typing import Any, ClassVar

from django.utils.cache import patch_vary_headers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from ehr.access.endpoints.authentication import BearerToken, BrowserSession
from ehr.access.endpoints.problems import problem_response
from ehr.access.endpoints.questions import Question, read_question
from ehr.access.endpoints.rendering import JSON
from ehr.access.errors import NoToken
from ehr.audit import trail
from ehr.audit.actors import Actor


class Endpoint(APIView):
    """A read for programs and for pages, one selector behind it. Its docstring is its description in the schema.

    `permission` is what a person's roles have to hold, `scope` what a client system's have to (``Patient.s``);
    None asks for no more than being known. A refusal is audited as `action`. `question` lists the parameters,
    `answer` describes the content.
    """

    permission: ClassVar[str | None] = None
    scope: ClassVar[str | None] = None
    action: ClassVar[str] = ""
    question: ClassVar[type[Question]] = Question
    answer: ClassVar[type[Serializer[Any]]]
    tag: ClassVar[str]

    authentication_classes = [BearerToken, BrowserSession]
    permission_classes = []
    throttle_classes = []
    renderer_classes = [JSON]
    parser_classes = [JSONParser]
    http_method_names = ["get", "head"]

    asked: dict[str, Any]

    @property
    def actor(self) -> Actor:
        """Who asks."""
        actor: Actor = self.request.auth  # type: ignore[assignment] # what the two authentications give
        return actor

    @classmethod
    def needed(cls, kind: str) -> str | None:
        """The permission that an actor of this kind needs here."""
        return cls.permission if kind == "user" else cls.scope

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Knows the actor, demands the permission, then reads the question: strangers learn nothing of it."""
        super().initial(request, *args, **kwargs)
        if any("\0" in str(part) for part in kwargs.values()):
            raise NotFound  # PostgreSQL has no such text
        self.asked = read_question(self.question, request._request.GET)  # noqa: SLF001 - Django's own request

    def check_permissions(self, request: Request) -> None:
        """Raises Unauthenticated, or audits the refusal and raises Refused."""
        if request.auth is None:
            raise NoToken
        needed = self.needed(self.actor.kind)
        if needed is not None and not self.actor.may(needed):
            trail.refuse_read(self.action, self.actor, needed)

    def answered(self, content: object) -> Response:
        """The answer, in the shape that `answer` describes."""
        return Response(self.answer(content).data)

    def page_after(self, key: str | int | None) -> str | None:
        """The link to the page that goes on after this key, None when there is none."""
        if key is None:
            return None
        query = self.request.query_params.copy()
        query["after"] = str(key)
        return f"{self.request.build_absolute_uri(self.request.path)}?{query.urlencode()}"

    def get_exception_handler(self) -> Any:
        """Every fault is a problem."""
        return problem_response

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Keeps the answer out of every cache."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final["Cache-Control"] = "private, no-store"
        patch_vary_headers(final, ("Accept", "Authorization", "Cookie"))
        return final

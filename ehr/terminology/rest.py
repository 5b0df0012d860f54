"""/api/v1/codes."""

from django.urls import URLPattern, path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ehr.access.endpoints import Endpoint
from ehr.terminology.selectors import is_loaded, search_codes
from ehr.terminology.serializers import CodeQuestion, FoundCodes


class FindCodes(Endpoint):
    """Finds codes as one types.

    The code itself comes first, then codes that begin so, then texts that begin so, then texts with those words.
    """

    permission = "CodeSystem.s"
    scope = "CodeSystem.s"
    action = "terminology.code.search"
    question = CodeQuestion
    answer = FoundCodes
    tag = "terminology"

    def get(self, request: Request) -> Response:  # noqa: ARG002 - Django's signature
        """The codes that match. A code system that is not loaded is a fault of the question."""
        system = self.asked["system"]
        found = search_codes(system, self.asked["q"], self.asked["limit"], inactive=self.asked["inactive"])
        if not found and not is_loaded(system):
            raise ValidationError({"system": ["This code system is not loaded here."]})
        return self.answered({"items": found})


urlpatterns: list[URLPattern] = [path("codes", FindCodes.as_view(), name="codes")]

"""The token endpoint as Django sees it. Sign-in and sign-out pages are allauth's."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from ehr.access.oauth import TokenRequests, server

FORM = "application/x-www-form-urlencoded"


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(sensitive_post_parameters("client_secret", "client_assertion"), name="dispatch")
class TokenView(View):
    """POST /oauth/token (RFC 6749 section 3.2)."""

    http_method_names = ["post"]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.requests = TokenRequests(server())

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.content_type != FORM:
            fault = {"error": "invalid_request", "error_description": f"The body is {FORM}."}
            return JsonResponse(fault, status=400, headers={"Cache-Control": "no-store"})
        _, headers, body, status = self.requests.create_token_response(request)
        response = HttpResponse(body, status=status, headers=headers)
        if status == 401:
            response["WWW-Authenticate"] = 'Basic realm="token endpoint"'  # RFC 6749 section 5.2, not oauthlib's Bearer
        return response

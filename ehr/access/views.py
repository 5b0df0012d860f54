"""The token endpoint as Django sees it. Sign-in and sign-out pages are allauth's."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from ehr.access.oauth import token_requests

FORM = "application/x-www-form-urlencoded"
BODY_MAX = 64 * 1024


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(sensitive_post_parameters("client_secret", "client_assertion"), name="dispatch")
class TokenView(View):
    """POST /oauth/token (RFC 6749 section 3.2)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.content_type != FORM or request.META["QUERY_STRING"]:
            return _invalid_request(f"Parameters are sent in a body of {FORM}.")
        if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_MAX:
            return _invalid_request(f"The body has {BODY_MAX} bytes at most.")
        if any(len(values) > 1 for _, values in request.POST.lists()):
            return _invalid_request("No parameter is sent twice.")
        _, headers, body, status = token_requests().create_token_response(request)
        response = HttpResponse(body, status=status, headers=headers)
        if status == 401:
            response["WWW-Authenticate"] = 'Basic realm="token endpoint"'  # RFC 6749 section 5.2, not oauthlib's Bearer
        return response


def _invalid_request(description: str) -> JsonResponse:
    fault = {"error": "invalid_request", "error_description": description}
    return JsonResponse(fault, status=400, headers={"Cache-Control": "no-store"})

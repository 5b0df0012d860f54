"""What every page behind sign-in has in common."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers

P = ParamSpec("P")


def signed_in(
    view: Callable[Concatenate[Any, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Sends strangers to sign-in and back here afterwards, and keeps the page out of every cache.

    A part of a page asked for by htmx cannot be redirected: the whole page is, by HX-Redirect, to come back to where
    the person was.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            response = view(request, *args, **kwargs)
            response["Cache-Control"] = "private, no-store"
        else:
            response = _to_sign_in(request)
        patch_vary_headers(response, ("Cookie", "HX-Request"))
        return response

    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if not is_partial(request):
        return redirect_to_login(request.get_full_path())
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    here = parts.path + (f"?{parts.query}" if parts.query else "")
    login = redirect_to_login(here or request.path, resolve_url(settings.LOGIN_URL))
    return HttpResponse(status=204, headers={"HX-Redirect": login["Location"]})


def is_partial(request: HttpRequest) -> bool:
    """True when htmx asks for a part of the page rather than the page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"

"""The one choice that belongs to no domain: how pages look."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ehr.ui.appearance import DENSITIES, THEMES, Appearance
from ehr.ui.pages import is_partial


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen theme or density, then goes back to the page it was chosen on."""
    chosen = Appearance.of(request)
    theme, density = request.POST.get("theme", chosen.theme), request.POST.get("density", chosen.density)
    if theme not in THEMES or density not in DENSITIES:
        return HttpResponseBadRequest("No such theme or density.", content_type="text/plain")
    response = HttpResponse(status=204) if is_partial(request) else HttpResponseRedirect(_back(request))
    replace(chosen, theme=theme, density=density).keep(response, secure=request.is_secure())
    return response


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else "/"

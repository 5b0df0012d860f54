"""Finding patients. Views translate between HTTP and one selector."""

from itertools import groupby
from typing import NoReturn

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ehr.access.requests import SignedInRequest
from ehr.access.selectors import actor_for
from ehr.administration.selectors.search import SEARCHED, find_patients
from ehr.audit import trail
from ehr.audit.actors import Actor
from ehr.audit.errors import Refused
from ehr.ui import places
from ehr.ui.pages import is_partial, signed_in

LONGEST_QUESTION = 200
GROUP_TITLES = {
    "found": "",
    "recent": "Opened by you lately",
    "in-house": "In the house now",
    "newest": "Newest on file",
}


@require_safe
@signed_in
def home(request: SignedInRequest) -> HttpResponse:
    """Where sign-in lands: the search, for a patient their own chart, for all others a word of why there is nothing."""
    actor = actor_for(request.user)
    if actor.may("administration.search"):
        return HttpResponseRedirect(reverse("administration:patients"))
    chart = places.chart_of(actor)
    if chart and request.user.patient_id:
        return HttpResponseRedirect(chart.url(request.user.patient_id))
    return render(request, "administration/home.html")


@require_safe
@signed_in
def patients(request: SignedInRequest) -> HttpResponse:
    """The search page; the list alone when htmx asks for it."""
    actor = actor_for(request.user)
    if not actor.may("administration.search"):
        _refuse_search(actor)
    query = request.GET.get("q", "")[:LONGEST_QUESTION].strip()
    found = find_patients(actor=actor, text=query)
    context = {
        "query": query,
        "found": found,
        "groups": [(GROUP_TITLES[group], list(hits)) for group, hits in groupby(found.hits, lambda hit: hit.group)],
        "chart": places.chart_of(actor),
    }
    template = "administration/found.html" if is_partial(request) else "administration/patients.html"
    return render(request, template, context)


def _refuse_search(actor: Actor) -> NoReturn:
    try:
        trail.refuse_read(SEARCHED, actor, "administration.search")
    except Refused as refused:
        raise PermissionDenied from refused

"""The chart. Views translate between HTTP and one selector."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ehr.access.actions import break_glass
from ehr.access.errors import AccessRuleBroken, BreakGlassRequired, PatientNotFound
from ehr.access.requests import SignedInRequest
from ehr.access.rules import BREAK_GLASS_HOURS
from ehr.access.selectors import Purpose, actor_for, open_patient
from ehr.audit.errors import Refused
from ehr.record.selectors.chart import Summary, summary
from ehr.ui.pages import signed_in


@require_safe
@signed_in
def chart_summary(request: SignedInRequest, patient_id: str) -> HttpResponse:
    """The first page of a chart. A patient who is absent and one who is closed to this person look alike: 404."""
    actor = actor_for(request.user)
    if not actor.may("record.open-chart"):
        raise PermissionDenied
    purpose: Purpose = "PATRQT" if request.user.patient_id == patient_id else "TREAT"
    try:
        opened = open_patient(actor=actor, patient_id=patient_id, permission="record.open-chart", purpose=purpose)
    except PatientNotFound as absent:
        raise Http404 from absent
    except BreakGlassRequired:
        return _restricted(request, patient_id)
    chart = summary(opened.patient.pk)
    context = {
        "patient": opened.patient,
        "restricted": opened.restricted,
        "chart": chart,
        "facts": _banner_facts(chart),
    }
    return render(request, "record/summary.html", context)


@require_POST
@signed_in
def emergency(request: SignedInRequest, patient_id: str) -> HttpResponse:
    """Opens a restricted record for a reason, then shows it."""
    try:
        break_glass(actor=actor_for(request.user), patient_id=patient_id, reason=request.POST.get("reason", ""))
    except AccessRuleBroken as fault:
        return _restricted(request, patient_id, fault=str(fault))
    except Refused as refused:
        raise PermissionDenied from refused
    return HttpResponseRedirect(reverse("record:summary", args=[patient_id]))


def _restricted(request: SignedInRequest, patient_id: str, *, fault: str = "") -> HttpResponse:
    context = {"patient_id": patient_id, "fault": fault, "hours": BREAK_GLASS_HOURS}
    return render(request, "record/restricted.html", context, status=403)


def _banner_facts(chart: Summary) -> list[tuple[str, str]]:
    """What stands at the right of the banner: where the patient is, since when, and the weight."""
    stay = chart.stays.current
    weight = next((sign for sign in chart.vitals.signs if sign.name == "Weight"), None)
    facts = [("Bed", stay.location or "Not known"), ("Stay", f"Day {stay.day}")] if stay else []
    # There is no order yet that could say it, and an imported one is not read: a check that did not run says so.
    facts += [("Code status", "Not checked")] if stay else []
    return facts + ([("Weight", f"{weight.value} {weight.unit}")] if weight else [])

"""/api/v1/patients."""

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from ehr.access.endpoints import Endpoint
from ehr.administration.selectors.search import SEARCHED, find_patients
from ehr.administration.serializers import PatientHits, PatientQuestion


class FindPatients(Endpoint):
    """Finds patients by whatever one types: the search of the search page.

    A person finds those whose record they could open, if only by breaking the glass; a client system is held to its
    scope. The audit trail keeps who was shown, never what was typed.
    """

    permission = "administration.search"
    scope = "Patient.s"
    action = SEARCHED
    question = PatientQuestion
    answer = PatientHits
    tag = "administration"

    def get(self, request: Request) -> Response:  # noqa: ARG002 - Django's signature
        """The patients that match."""
        return self.answered(find_patients(actor=self.actor, text=self.asked["q"].strip()))


urlpatterns: list[URLPattern] = [path("patients", FindPatients.as_view(), name="patients")]

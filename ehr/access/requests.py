"""The type of a request behind sign-in."""

from django.http import HttpRequest

from ehr.access.models import User


class SignedInRequest(HttpRequest):
    """A request whose `user` is known: what the views under ehr.ui.pages.signed_in are called with."""

    user: User

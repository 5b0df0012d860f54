"""Who looks at a page: the one thing that the frame must ask of access."""

from django.http import HttpRequest

from ehr.access.selectors import actor_for
from ehr.ui.places import Holder


def who_looks(request: HttpRequest) -> Holder | None:
    """The signed-in person, None for a stranger and for a page that failed before anybody was known."""
    user = getattr(request, "user", None)
    return actor_for(user) if user is not None and user.is_authenticated else None

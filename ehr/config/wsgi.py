"""The web process."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.http import HttpResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ehr.config.settings")

_django: WSGIHandler = get_wsgi_application()

# A request concerns one tenant's connection, which TenantMiddleware looks after; these walk over those of all tenants.
request_started.disconnect(close_old_connections)
request_started.disconnect(reset_queries)
request_finished.disconnect(close_old_connections)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django's answer. One that is whole is handed over as a list: the server sends that without asking for more."""
    response = _django(environ, start_response)
    if not isinstance(response, HttpResponse):
        return response
    body = [response.content]
    response.close()
    return body

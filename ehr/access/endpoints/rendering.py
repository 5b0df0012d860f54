"""Answers as JSON. Nothing else is offered below /api/v1."""

from typing import Any

from rest_framework.renderers import BaseRenderer

from ehr.lib import json


class JSON(BaseRenderer):
    """UTF-8 JSON; moments in ISO 8601 with their zone."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, *_: Any, **__: Any) -> bytes:
        """The bytes of an answer."""
        return json.encode(data)

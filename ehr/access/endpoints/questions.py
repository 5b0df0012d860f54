"""What may be asked in a query string, and the refusal of all else."""

from typing import Any

from django.http import QueryDict
from rest_framework import serializers

MOST_ON_A_PAGE = 100
AFTER = "Where the page starts: the link `next` of the page before holds it."


class Question(serializers.Serializer[Any]):
    """The parameters that an endpoint knows, a field each. This one knows none."""


class PageQuestion(Question):
    """The parameters of a list that is read page by page. A field `after` tells the key that the page goes on after."""

    limit = serializers.IntegerField(
        default=25, min_value=1, max_value=MOST_ON_A_PAGE, help_text="How many entries a page holds at most."
    )


def read_question(kind: type[Question], query: QueryDict) -> dict[str, Any]:
    """What was asked, by parameter. Raises ValidationError naming each parameter that is unknown, repeated or wrong."""
    serializer = kind(data=query.dict())
    known = serializer.fields
    faults: dict[str, Any] = {name: ["There is no such parameter here."] for name in query if name not in known}
    faults |= {name: ["A parameter is given once."] for name in query if name in known and len(query.getlist(name)) > 1}
    if not serializer.is_valid():
        faults = {**serializer.errors, **faults}
    if faults:
        raise serializers.ValidationError(faults)
    asked: dict[str, Any] = serializer.validated_data
    return asked

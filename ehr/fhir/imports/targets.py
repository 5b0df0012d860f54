"""Targets of conditional references, found by search once and remembered within bounds."""

from collections import OrderedDict

from ehr.fhir.errors import FHIRError
from ehr.fhir.search.parse import parse
from ehr.fhir.search.search import match_identities

REMEMBERED = 50_000


class Targets:
    """Finds "Organization/1" for "Organization?identifier=…"; what matches nothing is asked again the next time."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, str] = OrderedDict()

    def __call__(self, reference: str) -> str | None:
        """The one match, None when there is none or several or the condition is no search."""
        if reference in self._found:
            self._found.move_to_end(reference)
            return self._found[reference]
        type_, _, condition = reference.partition("?")
        try:
            matches = match_identities(parse(type_, condition, strict=True), 2)
        except FHIRError:
            return None
        if len(matches) != 1:
            return None
        self._found[reference] = "/".join(matches[0])
        if len(self._found) > REMEMBERED:
            self._found.popitem(last=False)
        return self._found[reference]

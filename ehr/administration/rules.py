"""What may not be said of patients and encounters."""

from collections.abc import Iterator

from ehr.fhir.elements import Element, element, elements, moment, text
from ehr.fhir.rules import Broken, period_runs_forward


def no_link_to_itself(current: Element | None, new: Element) -> Iterator[Broken]:  # noqa: ARG001 - the shape of a rule
    """Patient.link joins two records of one person; a record joined to itself would never be found again."""
    own = f"Patient/{text(new.get('id'))}"
    for number, link in enumerate(elements(new.get("link"))):
        if text(element(link.get("other")).get("reference")).partition("/_history/")[0] == own:
            yield Broken("A patient's record cannot be linked to itself.", f"Patient.link[{number}].other")


def death_follows_birth(current: Element | None, new: Element) -> Iterator[Broken]:  # noqa: ARG001 - the shape of a rule
    """Nobody dies before the day of their birth."""
    birth, death = moment(new.get("birthDate")), moment(new.get("deceasedDateTime"))
    if birth.low is not None and death.high is not None and death.high <= birth.low:
        yield Broken("The date of death is before the date of birth.", "Patient.deceased")


def period_forward(current: Element | None, new: Element) -> Iterator[Broken]:  # noqa: ARG001 - the shape of a rule
    """An encounter or a coverage does not end before it starts."""
    return period_runs_forward(new, ["period"])

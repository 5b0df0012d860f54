"""What a chart says of a patient's allergies."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class AllergyState(Enum):
    """The four things a banner can say. Silence is never "none"."""

    LISTED = "listed"
    NONE_KNOWN = "none-known"
    UNABLE = "unable"
    NOT_RECORDED = "not-recorded"


@dataclass(frozen=True, slots=True)
class AllergyEntry:
    """What the state depends on: three columns of record.AllergyIntolerance."""

    statement: str
    clinical_status: str
    verification_status: str


def is_current(entry: AllergyEntry) -> bool:
    """Neither refuted nor entered in error, and not over. An entry without a clinical status counts: it may be true."""
    return entry.verification_status not in ("refuted", "entered-in-error") and entry.clinical_status not in (
        "inactive",
        "resolved",
    )


def allergy_state(entries: Iterable[AllergyEntry]) -> AllergyState:
    """A listed allergy goes before "none known", that before "unable to obtain"; no current entry is "not recorded"."""
    current = {entry.statement for entry in entries if is_current(entry)}
    for statement, state in (
        ("allergy", AllergyState.LISTED),
        ("none-known", AllergyState.NONE_KNOWN),
        ("unable", AllergyState.UNABLE),
    ):
        if statement in current:
            return state
    return AllergyState.NOT_RECORDED

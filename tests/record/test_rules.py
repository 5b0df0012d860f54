import pytest

from ehr.record.rules import AllergyEntry, AllergyState, allergy_state

PENICILLIN = AllergyEntry("allergy", "active", "confirmed")
NONE_KNOWN = AllergyEntry("none-known", "active", "confirmed")
UNABLE = AllergyEntry("unable", "active", "unconfirmed")


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ([], AllergyState.NOT_RECORDED),
        ([PENICILLIN], AllergyState.LISTED),
        ([NONE_KNOWN], AllergyState.NONE_KNOWN),
        ([UNABLE], AllergyState.UNABLE),
        ([UNABLE, NONE_KNOWN], AllergyState.NONE_KNOWN),
        ([NONE_KNOWN, UNABLE, PENICILLIN], AllergyState.LISTED),
        ([AllergyEntry("allergy", "", "")], AllergyState.LISTED),
        ([AllergyEntry("allergy", "resolved", "confirmed")], AllergyState.NOT_RECORDED),
        ([AllergyEntry("allergy", "inactive", "confirmed"), NONE_KNOWN], AllergyState.NONE_KNOWN),
        ([AllergyEntry("allergy", "active", "refuted")], AllergyState.NOT_RECORDED),
        ([AllergyEntry("none-known", "", "entered-in-error")], AllergyState.NOT_RECORDED),
    ],
)
def test_silence_is_never_none(entries: list[AllergyEntry], state: AllergyState) -> None:
    assert allergy_state(entries) is state

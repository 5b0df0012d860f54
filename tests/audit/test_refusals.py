"""A refusal is audited once, after the rollback, under the action that refused."""

import pytest

from ehr.audit.errors import Refused
from tests.audit.sample import ADLER, BELL, inner, keep, kept, outer, trail

FIELDS = ("action", "outcome", "actor_id", "reason", "patient_id", "detail")


def refuse() -> None:
    keep("lost")
    raise Refused("record.open-chart", patient_id="p1")


@pytest.mark.usefixtures("committed")
def test_a_refusal_is_audited_after_the_rollback_and_raised_on() -> None:
    with pytest.raises(Refused, match=r"record\.open-chart"):
        outer(refuse, actor=ADLER, reason="curious")
    expected = ("test.outer", "refused", "adler", "curious", "p1", {"permission": "record.open-chart"})
    assert (kept(), trail(*FIELDS)) == ([], [expected])


@pytest.mark.usefixtures("db")
def test_a_refusal_that_leaves_two_actions_names_the_inner_one_once() -> None:
    with pytest.raises(Refused):
        outer(lambda: inner(refuse, actor=BELL), actor=ADLER)
    expected = ("test.inner", "refused", "bell", None, "p1", {"permission": "record.open-chart"})
    assert (kept(), trail(*FIELDS)) == ([], [expected])


def refused_within() -> None:
    with pytest.raises(Refused):
        inner(refuse, actor=BELL)


@pytest.mark.usefixtures("db")
def test_a_refusal_that_the_outer_action_catches_is_audited_beside_it() -> None:
    outer(refused_within, actor=ADLER)
    assert trail("action", "outcome") == [("test.outer", "success"), ("test.inner", "refused")]


@pytest.mark.usefixtures("db")
def test_a_refusal_that_was_caught_is_audited_though_the_outer_action_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        outer(lambda: [refused_within(), 1 // 0], actor=ADLER)
    assert trail("action", "outcome") == [("test.inner", "refused")]

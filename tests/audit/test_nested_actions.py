"""An action inside another joins its transaction, with rows of its own."""

import pytest

from ehr.audit.errors import UnauditedAction, WriteOutsideAction
from ehr.lib.tenancy import use_tenant
from tests.audit.sample import ADLER, BELL, inner, keep, kept, outer, silent, trail

pytestmark = pytest.mark.usefixtures("db")


def test_both_are_audited_under_their_own_names_in_one_transaction() -> None:
    outer(lambda: inner(lambda: keep("a"), actor=BELL), actor=ADLER, reason="asked")
    assert trail("action", "actor_id", "reason") == [("test.inner", "bell", None), ("test.outer", "adler", "asked")]
    assert (kept(), len(set(trail("xact")))) == (["a"], 1)


def test_when_the_outer_fails_nothing_of_the_inner_stays() -> None:
    def body() -> None:
        inner(lambda: keep("a"), actor=BELL)
        raise LookupError

    with pytest.raises(LookupError):
        outer(body, actor=ADLER)
    assert (kept(), trail("action")) == ([], [])


def test_when_the_inner_fails_and_the_outer_goes_on_only_the_outer_stays() -> None:
    def body() -> None:
        keep("before")
        with pytest.raises(ZeroDivisionError):
            inner(lambda: [keep("within"), 1 // 0], actor=BELL)
        keep("after")

    outer(body, actor=ADLER)
    assert (kept(), trail("action")) == (["after", "before"], ["test.outer"])


def test_an_unaudited_inner_action_is_undone_though_the_outer_audits() -> None:
    def body() -> None:
        with pytest.raises(UnauditedAction):
            silent(lambda: keep("within"), actor=BELL)

    outer(body, actor=ADLER)
    assert (kept(), trail("action")) == ([], ["test.outer"])


def test_an_action_may_leave_the_audit_to_those_that_it_calls() -> None:
    silent(lambda: inner(lambda: keep("within"), actor=BELL), actor=ADLER)
    assert (kept(), trail("action")) == (["within"], ["test.inner"])


def test_an_inner_action_cannot_go_to_another_tenant() -> None:
    def body() -> None:
        with use_tenant("valley"):
            inner(lambda: keep("there"), actor=BELL)

    with pytest.raises(WriteOutsideAction, match="cannot join"):
        outer(body, actor=ADLER)
    with use_tenant("valley"):
        assert (kept(), trail("action")) == ([], [])

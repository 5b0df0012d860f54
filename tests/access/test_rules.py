from itertools import product

import pytest

from ehr.access.rules import AccessRequest, Decision, OpenRestriction, decide

VIP = OpenRestriction("vip")
VIP_ADMITTING_SURGEONS = OpenRestriction("vip", frozenset({"surgeon"}))
EMPLOYEE_ADMITTING_NURSES = OpenRestriction("employee", frozenset({"nurse"}))
CLINICIAN = {"holds_permission": True, "whole_facility": True, "may_break_glass": True}
CODER = {"holds_permission": True, "whole_facility": True}
PORTAL = {"holds_permission": True}


@pytest.mark.parametrize(
    ("facts", "decision"),
    [
        ({"holds_permission": False}, Decision("refused", "no-permission")),
        (
            {"holds_permission": False, "whole_facility": True, "is_own_record": True, "glass_broken": True},
            Decision("refused", "no-permission"),
        ),
        (CLINICIAN, Decision("allowed", "facility-role")),
        ({**CLINICIAN, "relationships": frozenset({"order"})}, Decision("allowed", "direct-care")),
        ({**CLINICIAN, "restrictions": (VIP,)}, Decision("needs-break-glass", "restricted")),
        ({**CLINICIAN, "restrictions": (VIP,), "glass_broken": True}, Decision("allowed", "break-glass")),
        (
            {**CLINICIAN, "restrictions": (VIP,), "relationships": frozenset({"consult"})},
            Decision("allowed", "direct-care"),
        ),
        (
            {**CLINICIAN, "restrictions": (VIP_ADMITTING_SURGEONS,), "roles": frozenset({"surgeon"})},
            Decision("allowed", "facility-role"),
        ),
        (
            {**CLINICIAN, "restrictions": (VIP_ADMITTING_SURGEONS,), "roles": frozenset({"nurse"})},
            Decision("needs-break-glass", "restricted"),
        ),
        (
            {
                **CLINICIAN,
                "restrictions": (VIP_ADMITTING_SURGEONS, EMPLOYEE_ADMITTING_NURSES),
                "roles": frozenset({"surgeon"}),
            },
            Decision("needs-break-glass", "restricted"),
        ),
        (
            {
                **CLINICIAN,
                "restrictions": (VIP_ADMITTING_SURGEONS, EMPLOYEE_ADMITTING_NURSES),
                "roles": frozenset({"surgeon", "nurse"}),
            },
            Decision("allowed", "facility-role"),
        ),
        (CODER, Decision("allowed", "facility-role")),
        ({**CODER, "restrictions": (VIP,)}, Decision("refused", "restricted")),
        (PORTAL, Decision("refused", "no-relationship")),
        ({**PORTAL, "is_own_record": True}, Decision("allowed", "self")),
        ({**PORTAL, "is_own_record": True, "restrictions": (VIP,)}, Decision("allowed", "self")),
        ({**PORTAL, "relationships": frozenset({"self"})}, Decision("allowed", "self")),
        ({**PORTAL, "glass_broken": True}, Decision("refused", "no-relationship")),
        ({"actor_kind": "client", "holds_permission": True}, Decision("allowed", "system-scope")),
        ({"actor_kind": "client", "holds_permission": False}, Decision("refused", "no-permission")),
        ({"actor_kind": "system", "holds_permission": True}, Decision("allowed", "system-scope")),
    ],
)
def test_who_may_open_a_record(facts: dict, decision: Decision) -> None:
    assert decide(AccessRequest(**{"actor_kind": "user", **facts})) == decision


def test_nothing_opens_without_the_permission() -> None:
    for kind, whole, own, glass in product(("user", "client", "system"), *[(False, True)] * 3):
        request = AccessRequest(
            actor_kind=kind,
            holds_permission=False,
            whole_facility=whole,
            is_own_record=own,
            glass_broken=glass,
            relationships=frozenset({"treatment-team"}),
        )
        assert decide(request) == Decision("refused", "no-permission")

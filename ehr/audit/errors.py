"""What can go wrong around a write, whatever the domain."""

import traceback
from dataclasses import dataclass

from ehr.audit.actors import Actor


class WriteOutsideAction(RuntimeError):
    """A Record was to be written with no action open. A defect in the program."""


class UnauditedAction(RuntimeError):
    """An action ended without an audit row, so it was rolled back. A defect in the program."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried: the innermost action that refused, by whom, and the reason that was given."""

    action: str
    actor: Actor
    reason: str | None


class Refused(Exception):
    """The actor may not do this. Audited after the rollback; surfaces show it as their protocol's refusal.

    `attempt` is filled in by the first action that the refusal leaves.
    """

    def __init__(self, permission: str, *, patient_id: str | None = None) -> None:
        super().__init__(permission)
        self.permission = permission
        self.patient_id = patient_id
        self.attempt: Attempt | None = None


def without_text(fault: BaseException) -> str:
    """The class and the place of a fault, for logs: its text may tell of a patient."""
    frames = traceback.extract_tb(fault.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(fault).__name__}{place}"

"""What can go wrong around a write, whatever the domain."""


class WriteOutsideAction(RuntimeError):
    """A Record was to be written with no action open. A defect in the program."""


class UnauditedAction(RuntimeError):
    """An action ended without an audit row, so it was rolled back. A defect in the program."""


class Refused(Exception):  # noqa: N818 - a refusal is an outcome, not an error
    """The actor may not do this. Audited after the rollback; surfaces show it as their protocol's refusal."""

    def __init__(self, permission: str, *, patient_id: str | None = None) -> None:
        super().__init__(permission)
        self.permission = permission
        self.patient_id = patient_id

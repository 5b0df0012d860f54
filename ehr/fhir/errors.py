"""What can be wrong with a request to the record store. Surfaces turn each into their protocol's form."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One entry of an OperationOutcome; `code` is from FHIR's issue-type, `expression` a FHIRPath."""

    code: str
    diagnostics: str
    expression: str | None = None
    severity: str = "error"


class FHIRError(Exception):
    """Base: an HTTP status and the issues that explain it."""

    status = 400

    def __init__(self, *issues: Issue) -> None:
        super().__init__("; ".join(issue.diagnostics for issue in issues))
        self.issues = issues


class BadRequest(FHIRError):
    """The request cannot be understood."""


class NotFound(FHIRError):
    """No such resource, version or endpoint; also what may not be seen."""

    status = 404

    @classmethod
    def resource(cls, reference: str) -> "NotFound":
        return cls(Issue("not-found", f"{reference} is not known here."))


class Gone(FHIRError):
    """The resource was deleted; its versions remain readable."""

    status = 410

    @classmethod
    def resource(cls, reference: str) -> "Gone":
        return cls(Issue("deleted", f"{reference} was deleted; its earlier versions can be read."))


class VersionConflict(FHIRError):
    """If-Match names a version that is not the current one (RFC 9110 section 13.1.1)."""

    status = 412

    @classmethod
    def found(cls, reference: str, expected: str, current: int) -> "VersionConflict":
        return cls(
            Issue(
                "conflict",
                f"{reference} is at version {current}, not {expected}: read it again, then repeat the change.",
            )
        )


class MultipleMatches(FHIRError):
    """A condition that had to name one resource names several (FHIR R4 http.html, conditional interactions)."""

    status = 412

    @classmethod
    def found(cls, condition: str, expression: str | None = None) -> "MultipleMatches":
        return cls(
            Issue("multiple-matches", f"More than one resource matches {condition}; nothing was changed.", expression)
        )


class InvalidResource(FHIRError):
    """The resource breaks FHIR R4 or a profile it claims."""

    status = 422


class RuleViolated(FHIRError):
    """The resource is valid but a rule of the product forbids the write."""

    status = 422


class DanglingReference(FHIRError):
    """Literal references without a target; nothing was stored.

    `found` holds (number of the resource, expression, reference).
    """

    status = 422

    def __init__(self, found: Sequence[tuple[int, str, str]]) -> None:
        self.found = found
        super().__init__(*(self.issue(expression, reference) for _, expression, reference in found))

    def within(self, paths: Sequence[str]) -> "DanglingReference":
        """The same, when resource number n stands at `paths[n]` of something larger."""
        return DanglingReference(
            [
                (number, paths[number] + "." + expression.partition(".")[2], reference)
                for number, expression, reference in self.found
            ]
        )

    def renumbered(self, numbers: Sequence[int]) -> "DanglingReference":
        """The same, when resource number n is number `numbers[n]` of a larger set."""
        return DanglingReference(
            [(numbers[number], expression, reference) for number, expression, reference in self.found]
        )

    @staticmethod
    def issue(expression: str, reference: str) -> Issue:
        return Issue("not-found", f"{reference} is not known here, so nothing can refer to it.", expression)


class ResourceIsReferenced(FHIRError):
    """A resource cannot be deleted while others refer to it."""

    status = 409

    def __init__(self, referrers: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            *(Issue("conflict", f"{target} cannot be deleted: {source} refers to it.") for target, source in referrers)
        )


class ScopeInsufficient(FHIRError):
    """The token does not carry the scope for this interaction."""

    status = 403

    @classmethod
    def needs(cls, permission: str) -> "ScopeInsufficient":
        return cls(Issue("forbidden", f"This needs the permission {permission}, which the token does not carry."))


class PayloadTooLarge(FHIRError):
    """The body is larger than the server takes."""

    status = 413


class UnsupportedMedia(FHIRError):
    """The body is in a format the server does not read."""

    status = 415


class NotAcceptable(FHIRError):
    """The answer is wanted in a format the server does not write."""

    status = 406


class MethodNotAllowed(FHIRError):
    """The endpoint exists, the verb does not."""

    status = 405


class RequestReused(FHIRError):
    """An Idempotency-Key came back with another request."""

    status = 422

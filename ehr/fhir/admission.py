"""The one way into the record store: a resource is decoded, validated, and only then called a ValidResource."""

from dataclasses import dataclass
from typing import Any

from ehr.fhir.errors import InvalidResource, Issue
from ehr.fhir.references import reference_texts
from ehr.fhir.validation import validate


@dataclass(slots=True)
class ValidResource:
    """A resource that obeys FHIR R4, its required bindings and the profiles it claims. Made by `admit`."""

    content: dict[str, Any]
    _references: set[str] | None = None

    @property
    def references(self) -> set[str]:
        """What its References say in `reference`, read once: ask when none of them changes any more."""
        if self._references is None:
            self._references = reference_texts(self.content)
        return self._references

    @property
    def type(self) -> str:
        """Its resourceType."""
        kind: str = self.content["resourceType"]
        return kind


def admit(resource: dict[str, Any], *, within: str | None = None, references: set[str] | None = None) -> ValidResource:
    """The resource, if it is valid. Raises InvalidResource with every fault; `within` prefixes their expressions.

    `within` is the FHIRPath of the element that holds the resource, for example ``Bundle.entry[2].resource``;
    `references` what its References say, where the caller knows.
    """
    faults = validate(resource)
    if faults:
        raise InvalidResource(
            *(Issue(fault.code, fault.diagnostics, _inside(fault.expression, within)) for fault in faults)
        )
    return ValidResource(resource, references)


def faults_of(resource: dict[str, Any], type_: str) -> list[Issue]:
    """Everything that validation has to say, warnings included; what `$validate` answers."""
    if resource.get("resourceType") != type_:
        return [Issue("invalid", f"Expected {type_}, found {resource.get('resourceType')!r}.", "resourceType")]
    return [
        Issue(fault.code, fault.diagnostics, fault.expression, fault.severity)
        for fault in validate(resource, warnings=True)
    ]


def _inside(expression: str | None, within: str | None) -> str | None:
    if within is None or expression is None:
        return expression
    _, dot, rest = expression.partition(".")
    return within + dot + rest

"""Confining a search to one patient's compartment (FHIR R4 CompartmentDefinition/patient)."""

from dataclasses import replace
from functools import cache

from ehr.fhir.definitions import definitions
from ehr.fhir.search import query as q
from ehr.fhir.search.terms import compartment_term


@cache
def patient_types() -> frozenset[str]:
    """The types that stand in patients' compartments."""
    return frozenset(definitions().patient_compartment) | {"Patient"}


def confined(query: q.Query, patient: str) -> q.Query:
    """The query with its matches in the compartment of `patient` ("Patient/1"), and so what its chains go through."""
    inside = q.Terms((compartment_term(patient),), any_type=True)
    return replace(query, criteria=(inside, *(_confined(criterion, inside) for criterion in query.criteria)))


def _confined(criterion: q.Criterion, inside: q.Terms) -> q.Criterion:
    match criterion:
        case q.Linked() | q.Referred():
            inner = _confined(criterion.criterion, inside)
            if criterion.type in patient_types():
                inner = q.AllOf((inside, inner))
            return replace(criterion, criterion=inner)
        case q.AllOf() | q.AnyOf():
            return replace(criterion, criteria=tuple(_confined(one, inside) for one in criterion.criteria))
    return criterion

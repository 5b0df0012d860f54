"""What composite parameters put into the index: values that stand in one object (FHIR R4 search.html#composite)."""

from collections.abc import Iterator, Sequence
from typing import Any

from ehr.fhir.search.entries import Sink, Taker, amounts, implied_system, spans
from ehr.fhir.search.parameters import Component, Parameter
from ehr.fhir.search.paths import Place, Step, places
from ehr.fhir.search.strings import folded, within
from ehr.fhir.search.terms import coding_values, param_id, present_term, reference_values, term
from ehr.fhir.search.values import local_reference


def composite_taker(parameter: Parameter, place: Place) -> tuple[frozenset[str], Taker]:
    """What takes the objects at a place of a composite parameter: both halves in one object make an entry.

    It has nothing to take from objects that have none of the JSON names which come with it.
    """
    base, code, param = parameter.base, parameter.code, param_id(parameter.base, parameter.code)
    first, second = (_places_in(place.kind, component) for component in parameter.components)
    kind, is_terms = parameter.components[1].kind, parameter.table is None

    def put_rows(context: list[int], values: Sequence[tuple[str, Any]], sink: Sink) -> None:
        for type_, value in values:
            if kind == "quantity":
                sink.quantities.extend([(param, *found, context) for found in sink.once(amounts, type_, value)])
            elif kind == "date":
                sink.dates.extend([(param, low, high, context) for low, high in spans(type_, value)])
            else:
                sink.strings.update({(param, within(half, folded(value)), value): None for half in context})

    def take(value: Any, sink: Sink) -> None:
        values = _values(value, second)
        halves = [spelled for type_, half in _values(value, first) for spelled in _half(type_, half, sink)]
        if not (values and halves):
            return
        if is_terms:
            others = [spelled for type_, other in values for spelled in _half(type_, other, sink)]
            sink.tokens.update(term(base, code, f"{half}${other}") for half in halves for other in others)
            sink.tokens.add(present_term(base, code))
        else:
            put_rows([term(base, code, half) for half in halves], values, sink)

    return frozenset(place.steps[0].name for place in second), take


def _places_in(kind: str, component: Component) -> tuple[Place, ...]:
    return tuple(place for branch in component.expression.split("|") for place in places(kind, branch.strip()))


def _values(node: Any, within_it: Sequence[Place]) -> list[tuple[str, Any]]:
    """The (FHIR type, value) pairs at these places in a node; a code's type names its value set too."""
    return [
        (place.kind if place.kind != "code" else f"code {place.binding or ''}", value)
        for place in within_it
        if place.steps[0].name in node
        for value in _select(node, place.steps)
    ]


def _select(node: Any, steps: Sequence[Step]) -> Iterator[Any]:
    if not steps:
        yield node
        return
    value = node.get(steps[0].name)
    for one in value if isinstance(value, list) else () if value is None else (value,):
        yield from _select(one, steps[1:])


def _half(kind: str, value: Any, sink: Sink) -> Sequence[str]:
    """How a token or reference half is spelled; codes without case, as queries ask for them."""
    if kind != "Reference":
        return sink.once(_spelled, kind, value)
    literal = value.get("reference", "")
    local = local_reference(literal, sink.bases)
    type_, _, id_ = (local or "").partition("/")
    return list(reference_values(type_ or None, id_ or None, None if local else literal or None))


def _spelled(kind: str, value: Any) -> list[str]:
    match kind.partition(" ")[0]:
        case "CodeableConcept":
            return [spelled for coding in value.get("coding", ()) for spelled in _coding(coding)]
        case "Coding":
            return list(_coding(value))
        case "code":
            code = value.lower()
            return list(
                dict.fromkeys((*coding_values(implied_system(kind[5:], value), code), *coding_values(None, code)))
            )
        case "boolean":
            return ["true" if value else "false"]
    return []


def _coding(coding: Any) -> Iterator[str]:
    code = coding.get("code")
    yield from coding_values(coding.get("system"), None if code is None else code.lower())

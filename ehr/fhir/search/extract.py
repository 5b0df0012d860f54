"""What a resource is found by.

This runs on every write, so each type's parameters are compiled once into a tree of JSON names that is followed in one
walk over the resource.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ehr.fhir.definitions import definitions
from ehr.fhir.fhirpath import compile_expression
from ehr.fhir.references import reference_texts
from ehr.fhir.search.composites import composite_taker
from ehr.fhir.search.entries import DateRow, QuantityRow, ReferenceRow, Sink, StringRow, Taker, taker
from ehr.fhir.search.parameters import Parameter, parameters_of
from ehr.fhir.search.paths import Place
from ehr.fhir.search.terms import compartment_term
from ehr.fhir.search.values import local_reference

EVERY_REFERENCE = 0  # the parameter number under which each literal reference is kept
COLUMNS = frozenset({"_id", "_lastUpdated"})  # answered by columns of fhir_resource
SUBJECTS = ("patient", "subject")  # of several patients in whose compartments a resource is, whose chart it belongs to


@dataclass(frozen=True, slots=True)
class IndexEntries:
    """What the index holds of one resource, in the order of the index tables' columns after `key` and `ordinal`.

    `tokens` are sorted and unique. `strings` are (param, folded, exact); `dates` (param, low, high, context);
    `quantities` (param, low, high, unit, system, base_low, base_high, base_unit, context), `low` and `high` closed;
    `references` (param, key of the target). `patient_id` names the patient whom the resource concerns.
    """

    tokens: list[int]
    strings: list[StringRow]
    dates: list[DateRow]
    quantities: list[QuantityRow]
    references: list[ReferenceRow]
    patient_id: str | None


def literal_references(resource: Mapping[str, Any], bases: tuple[str, ...] = ()) -> set[str]:
    """The resources of this store that `resource` names: {"Patient/1"}.

    Also where it names a version, or a URL under one of `bases` ("https://ehr.example/fhir/R4"). What stands in the
    entries of a Bundle is the Bundle's own business.
    """
    return set(_local(reference_texts(resource), bases))


def _local(references: Iterable[str], bases: tuple[str, ...]) -> Iterator[str]:
    return (local for text in references if (local := local_reference(text, bases)))


class Extractor:
    """Extracts index entries. Holds nothing but compiled plans; safe to share between threads."""

    def index(
        self,
        resource: Mapping[str, Any],
        keys: Mapping[str, int],
        bases: tuple[str, ...] = (),
        references: Iterable[str] | None = None,
    ) -> IndexEntries:
        """The entries of a valid resource with `resourceType` and `id`.

        `keys` has the key of every one of its `literal_references`, found with the same `bases`; KeyError otherwise.
        `references` is what all its References say, where the caller knows.
        """
        sink = Sink(keys, bases)
        type_, id_ = resource["resourceType"], resource["id"]
        plan = _plan(type_)
        plan.visit(resource, sink)
        if type_ == "Patient":
            sink.patients[id_] = -1
        sink.tokens.update(compartment_term(f"Patient/{patient}") for patient in sink.patients)
        for local in literal_references(resource, bases) if references is None else _local(references, bases):
            sink.references[EVERY_REFERENCE, keys[local]] = None
        return IndexEntries(
            sorted(sink.tokens),
            list(sink.strings),
            sink.dates,
            sink.quantities,
            list(sink.references),
            min(sink.patients, key=sink.patients.__getitem__) if sink.patients else None,
        )


@cache
def extractor() -> Extractor:
    """The extractor of this process."""
    return Extractor()


@dataclass(slots=True)
class _Node:
    """What to do with the values of a JSON name: take them, and look for further names in them.

    `takers` take every value; `takers_with` those objects that have a certain name.
    """

    takers: list[Taker] = field(default_factory=list)
    takers_with: list[tuple[str, Taker]] = field(default_factory=list)
    children: dict[str, list[tuple[tuple[str, str] | None, "_Node"]]] = field(default_factory=dict)

    def child(self, name: str, only: tuple[str, str] | None) -> "_Node":
        """The node for this name and filter, new if need be."""
        for known, node in self.children.setdefault(name, []):
            if known == only:
                return node
        node = _Node()
        self.children[name].append((only, node))
        return node

    def visit(self, value: Any, sink: Sink) -> None:
        """Takes one value and follows the names below it."""
        for take in self.takers:
            take(value, sink)
        for name, take in self.takers_with:
            if name in value:
                take(value, sink)
        for name, nodes in self.children.items():
            below = value.get(name)
            if below is None:
                continue
            values = below if below.__class__ is list else (below,)
            for only, node in nodes:
                for one in values:
                    if one is not None and (only is None or one.get(only[0]) == only[1]):
                        node.visit(one, sink)


@cache
def _plan(type_: str) -> _Node:
    root = _Node()
    ranks = _patient_ranks(type_)
    for parameter in parameters_of(type_).values():
        if parameter.code in COLUMNS:
            continue
        for place in parameter.places:
            node = _node_at(root, place)
            if parameter.kind == "composite":
                names, take = composite_taker(parameter, place)
                node.takers_with.extend((name, take) for name in sorted(names))
            elif (one := taker(parameter, place, ranks.get(parameter.code))) is not None:
                node.takers.append(one)
        root.takers.extend(_evaluating(parameter, expression) for expression in parameter.expressions)
    return root


def _node_at(root: _Node, place: Place) -> _Node:
    node = root
    for step in place.steps:
        node = node.child(step.name, step.only)
    return node


def _patient_ranks(type_: str) -> dict[str, int]:
    """The parameters that put a resource into a patient's compartment, those that name its subject first."""
    codes = definitions().patient_compartment.get(type_, ())
    ordered = sorted(codes, key=lambda code: code not in SUBJECTS)
    return {code: rank for rank, code in enumerate(ordered)}


def _evaluating(parameter: Parameter, expression: str) -> Taker:
    """What takes the whole resource and indexes the values of an expression that names no places."""
    evaluate = compile_expression(expression)

    def take(value: Any, sink: Sink) -> None:
        for found, kind in evaluate(value):
            if (take_one := taker(parameter, Place((), kind))) is not None:
                take_one(found, sink)

    return take

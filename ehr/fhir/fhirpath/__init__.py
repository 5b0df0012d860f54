"""FHIRPath, compiled to closures: quick enough to run on every write (docs/adr/0003-fhirpath-compiled.md)."""

import functools
from collections.abc import Callable
from typing import Any

from ehr.fhir.fhirpath import navigation
from ehr.fhir.fhirpath.compiler import Evaluate, NotSupported, Scope, compile_in_context
from ehr.fhir.fhirpath.conditions import Condition, condition
from ehr.fhir.fhirpath.parser import FHIRPathSyntaxError, parse
from ehr.fhir.fhirpath.values import Node, Nodes

__all__ = [
    "Condition",
    "FHIRPathSyntaxError",
    "Node",
    "Nodes",
    "NotSupported",
    "Scope",
    "compile_expression",
    "compiled",
    "condition",
]


@functools.lru_cache(maxsize=8192)
def compiled(expression: str) -> Evaluate:
    """The expression as a closure of (scope, nodes). Raises FHIRPathSyntaxError, NotSupported.

    While it runs, one node given is what $this and %context stand for.
    """
    return compile_in_context(parse(expression))


def compile_expression(expression: str) -> Callable[[dict[str, Any]], list[tuple[Any, str]]]:
    """The expression as a function from a decoded resource to (value, FHIR type) pairs, in order.

    A primitive that has extensions but no value gives (None, type).
    """
    evaluate = compiled(expression)

    def run(resource: dict[str, Any]) -> list[tuple[Any, str]]:
        node = navigation.root(resource)
        return [(value, kind) for value, kind, _ in evaluate(Scope(node, node), (node,))]

    return run

"""FHIRPath, compiled to closures: quick enough to run on every write (docs/adr/0003-fhirpath-compiled.md)."""

import functools
from collections.abc import Callable
from typing import Any

from ehr.fhir.fhirpath import navigation
from ehr.fhir.fhirpath.compiler import Evaluate, NotSupported, Scope, compile_tree, needs_context
from ehr.fhir.fhirpath.parser import FHIRPathSyntaxError, parse
from ehr.fhir.fhirpath.values import Node, Nodes

__all__ = ["FHIRPathSyntaxError", "Node", "Nodes", "NotSupported", "Scope", "compile_expression", "compiled"]


@functools.lru_cache(maxsize=8192)
def compiled(expression: str) -> Evaluate:
    """The expression as a closure of (scope, nodes). Raises FHIRPathSyntaxError, NotSupported.

    While it runs, one node given is what $this and %context stand for.
    """
    tree = parse(expression)
    evaluate = compile_tree(tree)
    if not needs_context(tree):
        return evaluate

    def anchored(scope: Scope, nodes: Nodes) -> Nodes:
        before = scope.this, scope.context
        scope.this = scope.context = nodes[0] if len(nodes) == 1 else None
        try:
            return evaluate(scope, nodes)
        finally:
            scope.this, scope.context = before

    return anchored


def compile_expression(expression: str) -> Callable[[dict[str, Any]], list[tuple[Any, str]]]:
    """The expression as a function from a decoded resource to (value, FHIR type) pairs, in order.

    A primitive that has extensions but no value gives (None, type).
    """
    evaluate = compiled(expression)

    def run(resource: dict[str, Any]) -> list[tuple[Any, str]]:
        node = navigation.root(resource)
        return [(value, kind) for value, kind, _ in evaluate(Scope(node, node), (node,))]

    return run

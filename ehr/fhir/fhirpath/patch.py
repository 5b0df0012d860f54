"""FHIRPath Patch (FHIR R4 fhirpatch.html): operations in a Parameters resource, read and applied. Pure."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from ehr.fhir.definitions import element_by_json_name, type_definition
from ehr.fhir.definitions.structures import Element
from ehr.fhir.fhirpath.compiler import NotSupported
from ehr.fhir.fhirpath.location import Collection, Location, element_named, locate, locate_collection
from ehr.fhir.fhirpath.parser import FHIRPathSyntaxError
from ehr.fhir.fhirpath.values import is_a

T = TypeVar("T")


class MalformedPatch(ValueError):
    """The Parameters are no FHIRPath Patch. `code` is from FHIR's issue-type, `place` a path within Parameters."""

    def __init__(self, message: str, place: str = "", code: str = "structure") -> None:
        super().__init__(message)
        self.place = place
        self.code = code


class PatchDoesNotFit(ValueError):
    """An operation has nothing to work on in this resource. Says nothing of what the resource holds."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a part carries: a value of a FHIR type with its `_sibling`, a resource, or the parts of an object."""

    kind: str | None
    content: Any
    sibling: Any = None
    parts: tuple[tuple[str, "Value"], ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a patch. `apply` changes the content. Raises PatchDoesNotFit, MalformedPatch."""

    place: str
    type: str
    path: str
    name: str
    value: Value | None
    numbers: dict[str, int]

    def apply(self, content: dict[str, Any]) -> None:
        """Changes the content. Raises PatchDoesNotFit, and MalformedPatch for a path that is none."""
        try:
            APPLY[self.type](self, content)
        except FHIRPathSyntaxError as fault:
            raise MalformedPatch(str(fault), code="value") from fault
        except NotSupported as fault:
            raise MalformedPatch(str(fault), code="not-supported") from fault
        except RecursionError as fault:
            raise MalformedPatch("The path is nested too deeply.", code="too-long") from fault


PARTS: dict[str, frozenset[str]] = {
    "add": frozenset({"type", "path", "name", "value"}),
    "insert": frozenset({"type", "path", "value", "index"}),
    "delete": frozenset({"type", "path"}),
    "replace": frozenset({"type", "path", "value"}),
    "move": frozenset({"type", "path", "source", "destination"}),
}
"""The parts of each operation, all of which it needs."""
NUMBERS = frozenset({"index", "source", "destination"})
DEEPEST_VALUE = 32  # parts within parts


def read_operations(parameters: dict[str, Any]) -> list[Operation]:
    """The operations in order. Raises MalformedPatch."""
    if parameters.get("resourceType") != "Parameters":
        raise MalformedPatch("A FHIRPath Patch is a Parameters resource.", code="invalid")
    listed = parameters.get("parameter", [])
    return [_operation(raw, f"parameter[{number}]") for number, raw in enumerate(_objects(listed, "parameter"))]


def _objects(content: Any, place: str) -> list[dict[str, Any]]:
    if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        raise MalformedPatch("An array of objects is expected.", place)
    return content


def _operation(raw: dict[str, Any], place: str) -> Operation:
    if raw.get("name") != "operation":
        raise MalformedPatch("Each parameter of a patch is called operation.", f"{place}.name", "value")
    parts: dict[str, dict[str, Any]] = {}
    for part in _objects(raw.get("part", []), f"{place}.part"):
        name = str(part.get("name"))
        if name in parts:
            raise MalformedPatch(f"The part {name} occurs twice.", f"{place}.part", "duplicate")
        parts[name] = part
    type_ = _text(parts, "type", "valueCode", place)
    wanted = PARTS.get(type_)
    if wanted is None:
        raise MalformedPatch(f"{type_!r} is not one of {', '.join(PARTS)}.", place, "code-invalid")
    if wrong := sorted(wanted ^ parts.keys()):
        state = "is missing" if wrong[0] in wanted else "has no place here"
        raise MalformedPatch(f"{type_}: the part {wrong[0]} {state}.", place, "required")
    return Operation(
        place,
        type_,
        _text(parts, "path", "valueString", place),
        _text(parts, "name", "valueString", place) if "name" in wanted else "",
        _value(parts["value"], place, 0) if "value" in wanted else None,
        {name: _number(parts[name], name, place) for name in NUMBERS & wanted},
    )


def _text(parts: dict[str, dict[str, Any]], name: str, member: str, place: str) -> str:
    text = parts.get(name, {}).get(member)
    if not isinstance(text, str) or not text:
        raise MalformedPatch(f"The part {name} with a {member} is missing.", place, "required")
    return text


def _number(part: dict[str, Any], name: str, place: str) -> int:
    number = part.get("valueInteger")
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise MalformedPatch(f"The part {name} has a valueInteger from 0.", place, "value")
    return number


def _value(part: dict[str, Any], place: str, depth: int) -> Value:
    if depth > DEEPEST_VALUE:
        raise MalformedPatch(f"Parts are nested deeper than {DEEPEST_VALUE} levels.", place, "too-long")
    if "part" in part:
        nested = _objects(part["part"], place)
        return Value(None, None, parts=tuple((str(one.get("name")), _value(one, place, depth + 1)) for one in nested))
    if isinstance(part.get("resource"), dict):
        return Value("Resource", part["resource"])
    typed = element_by_json_name("Parameters.parameter")
    names = {name.removeprefix("_") for name in part if name.removeprefix("_").startswith("value")}
    if len(names) != 1 or (name := next(iter(names))) not in typed:
        raise MalformedPatch("A value is one value[x], a resource, or parts.", place)
    return Value(typed[name][1], part.get(name), part.get("_" + name))


def _add(operation: Operation, content: dict[str, Any]) -> None:
    holder = _one(locate(content, operation.path))
    _put(_writable(holder), _element(holder.kind, operation.name), _given(operation))


def _insert(operation: Operation, content: dict[str, Any]) -> None:
    collection = _list(locate_collection(content, operation.path))
    name, kind = _typed(collection.element, _given(operation))
    members, at = _writable(collection.holder), operation.numbers["index"]
    values, siblings = _arrays(members, name)
    if at > len(values):
        raise PatchDoesNotFit("The index is behind the end of the list.")
    value, sibling = _built(_given(operation), kind)
    values.insert(at, value)
    siblings.insert(at, sibling)
    _set_arrays(members, name, values, siblings)


def _delete(operation: Operation, content: dict[str, Any]) -> None:
    found = locate(content, operation.path)
    if found:
        _remove(_element_of(_one(found)))


def _replace(operation: Operation, content: dict[str, Any]) -> None:
    location = _element_of(_one(locate(content, operation.path)))
    holder = cast("Location", location.holder)
    element = cast("Element", element_named(holder.kind, location.name))
    name, kind = _typed(element, _given(operation))
    value, sibling = _built(_given(operation), kind)
    if location.position is not None:
        values, siblings = _arrays(holder.members, name)
        values[location.position], siblings[location.position] = value, sibling
        _set_arrays(holder.members, name, values, siblings)
        return
    _drop(holder.members, location.name)
    _set(holder.members, name, value, sibling)


def _move(operation: Operation, content: dict[str, Any]) -> None:
    collection = _list(locate_collection(content, operation.path))
    name = next(iter(collection.element.types))
    values, siblings = _arrays(collection.holder.members, name)
    source, destination = operation.numbers["source"], operation.numbers["destination"]
    if max(source, destination) >= len(values):
        raise PatchDoesNotFit("An index is behind the end of the list.")
    for array in (values, siblings):
        array.insert(destination, array.pop(source))
    _set_arrays(collection.holder.members, name, values, siblings)


APPLY: dict[str, Callable[[Operation, dict[str, Any]], None]] = {
    "add": _add,
    "insert": _insert,
    "delete": _delete,
    "replace": _replace,
    "move": _move,
}


def _given(operation: Operation) -> Value:
    return cast("Value", operation.value)  # PARTS says that this operation has one


def _one(found: list[T]) -> T:
    if len(found) != 1:
        raise PatchDoesNotFit("The path names no element." if not found else "The path names more than one element.")
    return found[0]


def _list(found: list[Collection]) -> Collection:
    collection = _one(found)
    if not collection.element.many:
        raise PatchDoesNotFit("The path names no list: the element occurs once at most.")
    return collection


def _element_of(location: Location) -> Location:
    if location.holder is None:
        raise PatchDoesNotFit("The path names the resource itself, not an element of it.")
    return location


def _element(kind: str, name: str) -> Element:
    element = element_named(kind, name.removesuffix("[x]"))
    if element is None:
        raise PatchDoesNotFit(f"{kind} has no element {name!r}.")
    return element


def _typed(element: Element, value: Value) -> tuple[str, str]:
    """The JSON name and the type under which a value stands in an element."""
    for name, kind in element.types.items():
        if _fits(value, kind) and (value.kind is not None or len(element.types) == 1):
            return name, kind
    kinds = ", ".join(sorted(element.types.values()))
    raise PatchDoesNotFit(f"{element.name} takes {kinds}, not {value.kind or 'parts'}.")


def _fits(value: Value, kind: str) -> bool:
    if value.kind is None:
        definition = type_definition(kind)
        return definition is not None and definition.kind != "primitive" and kind != "Resource"
    return is_a(value.kind, kind) or (value.kind == "string" and kind == "xhtml")


def _put(members: dict[str, Any], element: Element, value: Value) -> None:
    """Adds a value to an element that repeats, or to one that is not there yet."""
    name, kind = _typed(element, value)
    content, sibling = _built(value, kind)
    if element.many:
        values, siblings = _arrays(members, name)
        _set_arrays(members, name, [*values, content], [*siblings, sibling])
        return
    if any(taken in members for one in element.types for taken in (one, "_" + one)):
        raise PatchDoesNotFit(f"{element.name} is there already: replace it.")
    _set(members, name, content, sibling)


def _built(value: Value, kind: str) -> tuple[Any, Any]:
    """The JSON of a value and of its sibling, which nobody else holds."""
    if value.kind is not None:
        return copy.deepcopy(value.content), copy.deepcopy(value.sibling)
    members: dict[str, Any] = {}
    for name, part in value.parts:
        _put(members, _element(kind, name), part)
    return members, None


def _arrays(members: dict[str, Any], name: str) -> tuple[list[Any], list[Any]]:
    """The values of a repeating member and, as long as they, their siblings."""
    values, siblings = list(members.get(name) or ()), list(members.get("_" + name) or ())
    length = max(len(values), len(siblings))
    return _filled(values, length), _filled(siblings, length)


def _filled(array: list[Any], length: int) -> list[Any]:
    return array + [None] * (length - len(array))


def _set_arrays(members: dict[str, Any], name: str, values: list[Any], siblings: list[Any]) -> None:
    for key, array in ((name, values), ("_" + name, siblings)):
        if _says_something(array):
            members[key] = array
        else:
            members.pop(key, None)


def _says_something(array: Iterable[Any]) -> bool:
    return any(one is not None for one in array)


def _set(members: dict[str, Any], name: str, value: Any, sibling: Any) -> None:
    members.update({key: content for key, content in ((name, value), ("_" + name, sibling)) if content is not None})


def _drop(members: dict[str, Any], name: str) -> None:
    members.pop(name, None)
    members.pop("_" + name, None)


def _writable(location: Location) -> dict[str, Any]:
    """The members of an element, in which something may be put: a primitive gets a sibling when it has none."""
    members = location.members
    if location.holder is not None and not members:
        _set_sibling(location, members)
    return members


def _set_sibling(location: Location, sibling: dict[str, Any] | None) -> None:
    members = cast("Location", location.holder).members
    if location.position is not None:
        values, siblings = _arrays(members, location.name)
        siblings[location.position] = sibling
        _set_arrays(members, location.name, values, siblings)
    elif sibling is None:
        members.pop("_" + location.name, None)
    else:
        members["_" + location.name] = sibling


def _remove(location: Location) -> None:
    """Takes an element out, and what holds it when that is empty then: FHIR knows no empty objects."""
    holder = cast("Location", location.holder)
    members = holder.members
    if location.position is None:
        _drop(members, location.name)
    else:
        values, siblings = _arrays(members, location.name)
        del values[location.position], siblings[location.position]
        _set_arrays(members, location.name, values, siblings)
    if members or holder.holder is None:
        return
    if holder.node[0] in (None, members):
        _remove(holder)
    else:
        _set_sibling(holder, None)

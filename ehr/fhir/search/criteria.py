"""One parameter of a search, name and value, as a criterion."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ehr.fhir.errors import BadRequest, Issue
from ehr.fhir.search import query as q
from ehr.fhir.search import values
from ehr.fhir.search.parameters import Kind, Parameter, parameter, parameters_of
from ehr.fhir.search.strings import folded, within
from ehr.fhir.search.terms import ancestors, param_id, present_term, term
from ehr.fhir.search.values import BadValue, alternatives, unescaped
from ehr.fhir.search.valuesets import Code, codes_above, codes_below, codes_in
from ehr.terminology.errors import UnknownCodeSystem

DEEPEST_CHAIN = 5
WIDEST_CHAIN = 8  # target types of a chain that names none
MOST_CODES = 10_000  # that a value set or a code's hierarchy may come to

MODIFIERS: dict[Kind, frozenset[str]] = {
    "token": frozenset({"missing", "not", "text", "in", "not-in"}),
    "string": frozenset({"missing", "exact", "contains"}),
    "reference": frozenset({"missing", "identifier"}),
    "uri": frozenset({"missing", "above"}),
    "date": frozenset({"missing"}),
    "number": frozenset({"missing"}),
    "quantity": frozenset({"missing"}),
    "composite": frozenset({"missing"}),
}

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")


class Unknown(Exception):
    """A type has no such parameter. Refused or passed over, as the client prefers (FHIR R4 search.html#errors)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of one parameter: a modifier, and the values, still escaped, of which one is enough."""

    parameter: Parameter
    modifier: str | None
    texts: Sequence[str]
    bases: tuple[str, ...]

    @property
    def param(self) -> int:
        """The parameter's number in the index tables."""
        return param_id(self.parameter.base, self.parameter.code)

    def term(self, value: str, suffix: str = "") -> int:
        """The term of a value of the parameter, or of what `suffix` names."""
        return term(self.parameter.base, self.parameter.code + suffix, value)


@dataclass(slots=True)
class Reader:
    """Reads criteria, and keeps what types they ask about. `bases`: the URLs of this server's FHIR endpoint."""

    bases: tuple[str, ...] = ()
    types: set[str] = field(default_factory=set)

    def criterion(self, type_: str, name: str, value: str, depth: int = 0) -> q.Criterion:
        """The criterion that ``name=value`` puts on resources of `type_`.

        Raises Unknown for a parameter that the type does not have, BadRequest for a senseless modifier or value.
        """
        self.types.add(type_)
        if depth > DEEPEST_CHAIN:
            raise BadRequest(Issue("too-costly", f"A chain has at most {DEEPEST_CHAIN} links.", name))
        if name.startswith("_has:"):
            return self._has(type_, name, value, depth)
        head, dot, rest = name.partition(".")
        code, colon, modifier = head.partition(":")
        if dot:
            return self._chain(type_, code, modifier, rest, value, depth)
        try:
            return _plain(parameter_named(type_, code), modifier if colon else None, value, self.bases)
        except BadValue as fault:
            raise values.refused(name, fault) from fault

    def _chain(self, type_: str, code: str, modifier: str, rest: str, value: str, depth: int) -> q.Criterion:
        link = reference_parameter(type_, code)
        param = param_id(type_, code)
        if modifier:
            _demand_target(link, modifier)
            return q.Linked(param, modifier, self.criterion(modifier, rest, value, depth + 1))
        found = tuple(
            q.Linked(param, target, self.criterion(target, rest, value, depth + 1))
            for target in self._targets_with(link, rest)
        )
        if not found:
            raise Unknown(f"no type that {type_}.{code} refers to has a parameter {rest.partition('.')[0]}")
        return found[0] if len(found) == 1 else q.AnyOf(found)

    def _targets_with(self, link: Parameter, rest: str) -> list[str]:
        code = re.split(r"[.:]", rest, maxsplit=1)[0]
        possible = sorted(t for t in link.targets if code == "_has" or parameter(t, code) is not None)
        if len(possible) > WIDEST_CHAIN:
            example = f"{link.code}:{possible[0]}.{code}"
            message = f"{link.code} may refer to {len(possible)} types with {code}: name one, as in {example}."
            raise BadRequest(Issue("too-costly", message, link.code))
        return possible

    def _has(self, type_: str, name: str, value: str, depth: int) -> q.Criterion:
        parts = name.split(":", 3)
        if len(parts) != 4:
            raise BadRequest(Issue("value", "_has is _has:Type:reference-parameter:parameter.", name))
        _, source, code, rest = parts
        link = reference_parameter(source, code)
        _demand_target(link, type_)
        return q.Referred(param_id(source, code), source, self.criterion(source, rest, value, depth + 1))


def of_any_type(criteria: Sequence[q.Criterion]) -> q.Criterion:
    """What one parameter asks of resources of several types, made of what it asks of each type.

    A resource has terms and values of its own type only: it meets none of the others' positive criteria, and all of
    the negative ones.
    """
    first = criteria[0]
    if all(one == first for one in criteria):
        return first
    terms = [one for one in criteria if isinstance(one, q.Terms)]
    parts: list[q.Criterion] = [one for one in criteria if not isinstance(one, q.Terms)]
    if terms:
        merged = dict.fromkeys(number for one in terms for number in one.any_of)
        parts.append(q.Terms(tuple(merged), negated=terms[0].negated, any_type=True))
    if len(parts) == 1:
        return parts[0]
    return q.AllOf(tuple(parts)) if _is_negative(first) else q.AnyOf(tuple(parts))


def _is_negative(criterion: q.Criterion) -> bool:
    return isinstance(criterion, q.Terms | q.Indexed) and criterion.negated


def parameter_named(type_: str, code: str) -> Parameter:
    """The parameter `code` of `type_`. Raises Unknown."""
    found = parameter(type_, code) if _NAME.fullmatch(code) else None
    if found is None:
        known = ", ".join(sorted(parameters_of(type_)))
        raise Unknown(f"{type_} has no search parameter {code!r}; it has {known}")
    return found


def reference_parameter(type_: str, code: str) -> Parameter:
    """The reference parameter `code` of `type_`. Raises Unknown, and BadRequest when it is of another kind."""
    found = parameter_named(type_, code)
    if found.kind != "reference":
        raise BadRequest(Issue("value", f"{type_}.{code} is a {found.kind} parameter, not a reference.", code))
    return found


def _demand_target(link: Parameter, type_: str) -> None:
    if type_ not in link.targets:
        message = f"{link.base}.{link.code} refers to {', '.join(sorted(link.targets))}, not {type_}."
        raise BadRequest(Issue("value", message, link.code))


def _plain(found: Parameter, modifier: str | None, text: str, bases: tuple[str, ...]) -> q.Criterion:
    if modifier == "missing":
        return _missing(found, values.flag(text))
    if found.code == "_id":
        _refuse(found, modifier)
        return q.Ids(tuple(unescaped(one) for one in alternatives(text)))
    if found.code == "_lastUpdated":
        _refuse(found, modifier)
        return q.LastUpdated(tuple(values.moment(one) for one in alternatives(text)))
    if modifier is not None and modifier not in modifiers_of(found):
        _refuse(found, modifier)
    return _READ[found.kind](Asked(found, modifier, alternatives(text), bases))


def modifiers_of(found: Parameter) -> frozenset[str]:
    """The modifiers that the parameter takes."""
    modifiers = MODIFIERS[found.kind]
    if found.code in ("_id", "_lastUpdated"):
        return frozenset({"missing"})
    if found.kind == "reference":
        return modifiers | found.targets
    if found.kind == "token":
        return modifiers | ({"of-type"} if found.identifies else {"above", "below"})
    if found.has_hierarchy:
        return modifiers | {"below"}
    return modifiers


def _refuse(found: Parameter, modifier: str | None) -> None:
    """FHIR R4 search.html#modifiers: a modifier that the server does not support SHALL be refused."""
    if modifier is not None:
        known = ", ".join(f":{name}" for name in sorted(modifiers_of(found))) if len(found.targets) < 20 else ":Type"
        name = f"{found.code}:{modifier}"
        raise BadRequest(Issue("not-supported", f"{found.base}.{found.code} takes {known}, not :{modifier}.", name))


def _missing(found: Parameter, is_missing: bool) -> q.Criterion:  # noqa: FBT001 - the value of the parameter
    if found.code in ("_id", "_lastUpdated"):
        return q.Everything(negated=is_missing)
    table = found.table
    if table is not None:
        return q.Indexed(table, param_id(found.base, found.code), negated=is_missing)
    return q.Terms((present_term(found.base, found.code),), negated=is_missing)


def _token(asked: Asked) -> q.Criterion:
    if asked.modifier == "text":
        return _starting(-asked.param, asked.texts, folded)
    if asked.modifier in ("in", "not-in"):
        return q.Terms(_code_terms(asked, _in_value_set), negated=asked.modifier == "not-in")
    if asked.modifier in ("below", "above"):
        return q.Terms(_code_terms(asked, _HIERARCHIES[asked.modifier]))
    if asked.modifier == "of-type":
        return q.Terms(tuple(asked.term(_of_type(one), ":of-type") for one in asked.texts))
    spelled = (values.token(one).spelled(case_sensitive=asked.parameter.identifies) for one in asked.texts)
    return q.Terms(tuple(map(asked.term, spelled)), negated=asked.modifier == "not")


def _code_terms(asked: Asked, codes_of: Callable[[str], Sequence[Code]]) -> tuple[int, ...]:
    codes: list[Code] = []
    for text in asked.texts:
        try:
            codes.extend(codes_of(text))
        except UnknownCodeSystem as unknown:
            raise BadValue(f"the code system {str(unknown)!r} is not loaded here") from unknown
        if len(codes) > MOST_CODES:
            message = f"{text!r} stands for more than {MOST_CODES} codes."
            raise BadRequest(Issue("too-costly", message, f"{asked.parameter.code}:{asked.modifier}"))
    return tuple(dict.fromkeys(asked.term(f"{system}|{code.lower()}") for system, code in codes))


def _in_value_set(text: str) -> Sequence[Code]:
    url = unescaped(text)
    codes = codes_in(url)
    if codes is None:
        raise BadValue(f"the value set {url!r} is not known here")
    return codes


def _below(text: str) -> Sequence[Code]:
    system, code = _coded(text)
    return _known(codes_below(system, code), text)


def _above(text: str) -> Sequence[Code]:
    system, code = _coded(text)
    return _known(codes_above(system, code), text)


_HIERARCHIES: dict[str, Callable[[str], Sequence[Code]]] = {"below": _below, "above": _above}


def _coded(text: str) -> Code:
    parts = [unescaped(part) for part in values.split(text, "|")]
    if len(parts) != 2 or not all(parts):
        raise BadValue(f"{text!r} is not system|code, which a hierarchy needs")
    return parts[0], parts[1]


def _known(codes: Sequence[Code] | None, text: str) -> Sequence[Code]:
    if codes is None:
        raise BadValue(f"{text!r} is not a code that is known here")
    return codes


def _of_type(text: str) -> str:
    parts = [unescaped(part) for part in values.split(text, "|")]
    if len(parts) != 3 or not all(parts):
        raise BadValue(f"{text!r} is not system|code|value, the type's system and code and the identifier's value")
    system, code, value = parts
    return f"{system}|{code.lower()}|{value}"


def _string(asked: Asked) -> q.Criterion:
    spell = asked.parameter.spell
    match asked.modifier:
        case "exact":
            texts = tuple(q.Text("equals", spell(one), one) for one in map(unescaped, asked.texts))
        case "contains":
            texts = tuple(q.Text("contains", spell(unescaped(one))) for one in asked.texts)
        case _:
            return _starting(asked.param, asked.texts, spell)
    return q.Strings(asked.param, texts)


def _starting(param: int, texts: Sequence[str], spell: Callable[[str], str]) -> q.Strings:
    return q.Strings(param, tuple(q.Text("starts", spell(unescaped(one))) for one in texts))


def _reference(asked: Asked) -> q.Criterion:
    if asked.modifier == "identifier":
        spelled = (values.token(one).spelled(case_sensitive=True) for one in asked.texts)
        return q.Terms(tuple(asked.term(one, ":identifier") for one in spelled))
    type_ = asked.modifier
    targets = asked.parameter.targets if type_ is None else {type_}
    references = [values.reference(one, targets=targets, bases=asked.bases) for one in asked.texts]
    if type_ is not None and not all(one.startswith(f"{type_}/") for one in references):
        raise BadValue(f"with :{type_} the value is the id of a {type_}")
    return q.Terms(tuple(map(asked.term, references)))


def _uri(asked: Asked) -> q.Criterion:
    urls = [unescaped(one) for one in asked.texts]
    if asked.modifier is None:
        return q.Terms(tuple(map(asked.term, urls)))
    if not all("://" in url for url in urls):
        raise BadValue(f":{asked.modifier} is for URLs, not for URNs")
    urls = [url.rstrip("/") for url in urls]
    if asked.modifier == "below":
        return q.Terms(tuple(asked.term(url, ":below") for url in urls))
    return q.Terms(tuple(asked.term(above) for url in urls for above in ancestors(url)))


def _date(asked: Asked) -> q.Criterion:
    return q.Dates(asked.param, tuple(map(values.moment, asked.texts)))


def _number(asked: Asked) -> q.Criterion:
    return q.Quantities(asked.param, tuple(map(values.number, asked.texts)))


def _quantity(asked: Asked) -> q.Criterion:
    return q.Quantities(asked.param, tuple(map(values.quantity, asked.texts)))


def _composite(asked: Asked) -> q.Criterion:
    pairs = tuple(_pair(asked, one) for one in asked.texts)
    return pairs[0] if len(pairs) == 1 else q.AnyOf(pairs)


def _pair(asked: Asked, text: str) -> q.Criterion:
    first, second = asked.parameter.components
    parts = values.split(text, "$")
    if len(parts) != 2 or not all(parts):
        raise BadValue(f"{text!r} is not two values with $ between them, {first.code}${second.code}")
    half = _half(first.kind, parts[0], asked.bases)
    context = (asked.term(half),)
    # Whatever has the pair has its first half too, which the tokens' index finds.
    narrowed = q.Terms((term(asked.parameter.base, first.code, half),))
    match second.kind:
        case "quantity":
            return q.AllOf((narrowed, q.Quantities(asked.param, (values.quantity(parts[1]),), context)))
        case "date":
            return q.AllOf((narrowed, q.Dates(asked.param, (values.moment(parts[1]),), context)))
        case "string":
            spelled = within(context[0], folded(unescaped(parts[1])))
            return q.AllOf((narrowed, q.Strings(asked.param, (q.Text("starts", spelled),))))
    return q.Terms((asked.term(f"{half}${_half(second.kind, parts[1], asked.bases)}"),))


def _half(kind: Kind, text: str, bases: tuple[str, ...]) -> str:
    if kind == "reference":
        return values.reference(text, targets=(), bases=bases)
    return values.token(text).spelled(case_sensitive=False)


_READ: dict[Kind, Callable[[Asked], q.Criterion]] = {
    "token": _token,
    "string": _string,
    "reference": _reference,
    "uri": _uri,
    "date": _date,
    "number": _number,
    "quantity": _quantity,
    "composite": _composite,
}

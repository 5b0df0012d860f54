"""FHIRPath's grammar (http://hl7.org/fhirpath/N1, section 5) as a small Pratt parser."""

import re
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>@[0-9T][0-9TZ:.+\-]*)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<variable>%(?:[A-Za-z_][\w\-]*|`[^`]*`|'[^']*'))
    | (?P<special>\$\w+)
    | (?P<name>[A-Za-z_]\w*|`[^`]*`)
    | (?P<operator><=|>=|!=|!~|[.,()\[\]{}|&+\-*/=~<>])
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_BINARY = {
    "implies": 1, "or": 2, "xor": 2, "and": 3, "in": 4, "contains": 4, "=": 5, "~": 5, "!=": 5, "!~": 5,
    "<": 6, ">": 6, "<=": 6, ">=": 6, "|": 7, "is": 8, "as": 8, "+": 9, "-": 9, "&": 9,
    "*": 10, "/": 10, "div": 10, "mod": 10,
}  # fmt: skip
_UNARY = 11


class FHIRPathSyntaxError(ValueError):
    """The text is not FHIRPath."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; `kind` is string, number, datetime or empty (``{}``)."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A member, or at the start of a path possibly the type of the context."""

    of: Any
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function on what `of` gives (None: on the context)."""

    of: Any
    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """``%resource`` or ``$this``."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """``of[position]``."""

    of: Any
    position: Any


@dataclass(frozen=True, slots=True)
class Unary:
    """``-x``; plus signs vanish."""

    operand: Any


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what stands between them."""

    operator: str
    left: Any
    right: Any


def parse(expression: str) -> Any:
    """The syntax tree. Raises FHIRPathSyntaxError naming the place."""
    parser = _Parser(expression)
    tree = parser.expression(0)
    if parser.kind:
        raise FHIRPathSyntaxError(f"unexpected {parser.text!r} in {expression!r}")
    return tree


class _Parser:
    def __init__(self, expression: str) -> None:
        self.source = expression
        self.tokens = self._tokens()
        self.position = -1
        self.kind = self.text = ""
        self._advance()

    def expression(self, floor: int) -> Any:
        left = self._operand()
        while (power := self._power()) > floor:
            operator = self._take()
            left = Binary(operator, left, self._type() if operator in ("is", "as") else self.expression(power))
        return left

    def _tokens(self) -> list[tuple[str, str]]:
        found, position, source = [], 0, self.source.rstrip()
        while position < len(source):
            match = _TOKEN.match(source, position)
            if match is None:
                raise FHIRPathSyntaxError(f"unexpected {source[position : position + 10]!r} in {self.source!r}")
            found.append((match.lastgroup or "", match[match.lastgroup or ""]))
            position = match.end()
        return found

    def _power(self) -> int:
        return _BINARY.get(self.text, 0) if self.kind in ("operator", "name") else 0

    def _operand(self) -> Any:
        if self.kind == "operator" and self.text in "+-":
            sign = self._take()
            operand = self.expression(_UNARY)
            return Unary(operand) if sign == "-" else operand
        tree = self._term()
        while self.kind == "operator" and self.text in (".", "["):
            if self._take() == ".":
                tree = self._member(tree)
            else:
                tree = Index(tree, self.expression(0))
                self._expect("]")
        return tree

    def _term(self) -> Any:
        kind, text = self.kind, self.text
        if kind in ("string", "number", "datetime"):
            self._advance()
            return Literal(kind, _unquoted(text) if kind == "string" else text.removeprefix("@"))
        if kind in ("variable", "special"):
            self._advance()
            return Variable(text.replace("`", "").replace("'", ""))
        if kind == "name":
            return self._member(None)
        if text == "(":
            self._advance()
            tree = self.expression(0)
            self._expect(")")
            return tree
        if text == "{":
            self._advance()
            self._expect("}")
            return Literal("empty", "")
        raise FHIRPathSyntaxError(f"unexpected {text or 'end'!r} in {self.source!r}")

    def _member(self, of: Any) -> Any:
        if self.kind == "special":
            return Variable(self._take())
        if self.kind != "name":
            raise FHIRPathSyntaxError(f"a name is missing before {self.text!r} in {self.source!r}")
        name = self._take().strip("`")
        if self.text != "(" or self.kind != "operator":
            return Name(of, name)
        self._advance()
        arguments = []
        while not (self.kind == "operator" and self.text == ")"):
            arguments.append(self.expression(0))
            if self.text == ",":
                self._advance()
        self._expect(")")
        return Call(of, name, tuple(arguments))

    def _type(self) -> Any:
        tree = Name(None, self._take().strip("`"))
        while self.kind == "operator" and self.text == ".":
            self._advance()
            tree = Name(tree, self._take().strip("`"))
        return tree

    def _take(self) -> str:
        text = self.text
        if not self.kind:
            raise FHIRPathSyntaxError(f"{self.source!r} ends too early")
        self._advance()
        return text

    def _expect(self, text: str) -> None:
        if self.text != text:
            raise FHIRPathSyntaxError(f"{text!r} is missing in {self.source!r}")
        self._advance()

    def _advance(self) -> None:
        self.position += 1
        self.kind, self.text = self.tokens[self.position] if self.position < len(self.tokens) else ("", "")


def _unquoted(text: str) -> str:
    return re.sub(
        r"\\(u[0-9a-fA-F]{4}|.)",
        lambda m: chr(int(m[1][1:], 16)) if m[1][0] == "u" else _ESCAPES.get(m[1], m[1]),
        text[1:-1],
    )

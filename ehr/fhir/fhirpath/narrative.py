"""Narrative XHTML: what FHIR allows in a `div` (narrative.html, txt-1), and nothing that a browser would run."""

import functools
import re
from dataclasses import dataclass
from xml.parsers import expat

XHTML = "http://www.w3.org/1999/xhtml"
TAGS = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "address",
        "b",
        "big",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    ]
)
ATTRIBUTES = frozenset(
    [
        "abbr",
        "align",
        "alt",
        "axis",
        "border",
        "bgcolor",
        "cellhalign",
        "cellpadding",
        "cellspacing",
        "cellvalign",
        "char",
        "charoff",
        "charset",
        "cite",
        "class",
        "colspan",
        "compact",
        "coords",
        "dir",
        "frame",
        "headers",
        "height",
        "href",
        "hreflang",
        "hspace",
        "id",
        "lang",
        "longdesc",
        "name",
        "nowrap",
        "rel",
        "rev",
        "rowspan",
        "rules",
        "scope",
        "shape",
        "span",
        "src",
        "start",
        "style",
        "summary",
        "tabindex",
        "title",
        "type",
        "valign",
        "value",
        "vspace",
        "width",
        "xml:lang",
        "xml:space",
    ]
)
_SAFE_LINK = re.compile(r"(?:https?:|mailto:|tel:|#|data:image/(?:png|jpeg|gif);|[^:]*$)", re.IGNORECASE)
_UNSAFE_STYLE = re.compile(r"expression|javascript|behavior|url\s*\(|@import|\\", re.IGNORECASE)


class _Unsafe(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Narrative:
    """`safe` (txt-1): a well-formed XHTML div of allowed tags and attributes, without entities or scripts.

    `filled` (txt-2): it has text that is not white space, or an image; not looked at when the div is not safe.
    """

    safe: bool
    filled: bool


@functools.lru_cache(maxsize=8)  # txt-1 and txt-2 ask one after the other; no narrative stays longer than that
def read(div: str) -> Narrative:
    """What a browser would find in the `div` of a narrative."""
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0
    filled = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, filled
        space, _, tag = name.rpartition(" ")
        if space != XHTML or tag not in TAGS or (depth == 0 and tag != "div"):
            raise _Unsafe
        depth += 1
        filled = filled or tag == "img"
        if not all(_is_safe_attribute(key.rpartition(" ")[2], value) for key, value in attributes.items()):
            raise _Unsafe

    def text(characters: str) -> None:
        nonlocal filled
        filled = filled or not characters.isspace()

    def refuse(*_: object) -> None:
        raise _Unsafe

    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    try:
        parser.Parse(div, True)
    except (_Unsafe, expat.ExpatError):
        return Narrative(safe=False, filled=True)
    return Narrative(safe=True, filled=filled)


def _is_safe_attribute(name: str, value: str) -> bool:
    if name in ("href", "src", "longdesc", "cite"):
        return _SAFE_LINK.match(value.strip()) is not None
    if name == "style":
        return _UNSAFE_STYLE.search(value) is None
    return name in ATTRIBUTES or name in ("lang", "space")

"""Reading terminologies: search as one types, look-up, validation, expansion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ehr.lib.tenancy import connection, raw_cursor
from ehr.lib.ucum import UnknownUnit, unit
from ehr.terminology.compose import Choice, read_compose
from ehr.terminology.datatypes import Coding
from ehr.terminology.errors import UnknownCodeSystem, UnknownValueSet
from ehr.terminology.models import CodeSystem, Concept, ValueSet
from ehr.terminology.ranking import FoundConcept, Wanted, rank
from ehr.terminology.systems import UCUM

CANDIDATES = 100
"""How many of the shortest concepts that hold all the words are ranked, and how many codes that begin so.

No search shows more than these.
"""

LOOKED_UP = 5  # words at most
LONG = 4  # letters: the beginning of a shorter word is that of so many that its look-up takes longer than all the rest

# Codes that begin so, and concepts that hold a word beginning with each of the words: of those the shortest. Where
# there are enough codes nobody looks at words: codes go first, and each extension of a code has it among its words.
SEARCH = """
WITH system AS (SELECT id FROM terminology_code_system WHERE url = %(system)s),
by_code AS (
    SELECT id FROM terminology_concept
    WHERE system_id = (SELECT id FROM system) AND compact_code >= %(from)s AND compact_code < %(to)s
      AND (status = 'active' OR %(inactive)s) AND (selectable OR %(headings)s)
    ORDER BY compact_code LIMIT %(candidates)s
),
enough AS (SELECT count(*) >= %(candidates)s AS codes FROM by_code),
by_words AS (
    SELECT id FROM terminology_concept
    WHERE NOT (SELECT codes FROM enough)
      AND words @@ %(sought)s::tsquery AND search_text LIKE ALL(%(others)s) AND system_id = (SELECT id FROM system)
      AND (status = 'active' OR %(inactive)s) AND (selectable OR %(headings)s)
    ORDER BY length(display), code LIMIT %(candidates)s
)
SELECT code, display, status, selectable, synonyms FROM terminology_concept
WHERE id IN (SELECT id FROM by_code UNION SELECT id FROM by_words)
"""
# Above every letter and digit that a compact code can hold.
HIGHEST = "\U0010ffff"


def search_codes(
    system: str, text: str, limit: int = 20, *, inactive: bool = False, headings: bool = True
) -> list[FoundConcept]:
    """The concepts of `system` that somebody means who typed `text`, best first (see ranking.rank).

    Every word typed is the beginning of a word of the concept ("acut kid inj"), or all of it the beginning of a code
    ("e11 9"). `inactive` finds codes that are no longer in force, `headings` those that may not stand in a record.
    Empty for text without a letter or digit and for a code system that is not loaded.
    """
    wanted = Wanted.of(text)
    if not wanted.words:
        return []
    sought, others = _by_length(wanted.words)
    named: dict[str, Any] = {
        "system": system,
        "from": wanted.compact,
        "to": wanted.compact + HIGHEST,
        # Words are letters and digits only, so that quoting them is all the care that the query needs.
        "sought": " & ".join(f"'{word}':*" for word in sought),
        "others": [f"% {word}%" for word in others],
        "inactive": inactive,
        "headings": headings,
        "candidates": CANDIDATES,
    }
    # Not prepared: one plan for rare words and for those that thousands of concepts hold would be wrong for either.
    with connection().cursor() as cursor:
        cursor.execute(SEARCH, named)
        rows = cursor.fetchall()
    found = ((_found(system, *row), synonyms) for *row, synonyms in rows)
    ranked = sorted((rank(wanted, concept, synonyms), concept) for concept, synonyms in found)
    return [concept for _, concept in ranked[:limit]]


def _by_length(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words to look up, and those to look for in what was found: the long ones, and one at least."""
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    count = min(max(1, sum(len(word) >= LONG for word in longest_first)), LOOKED_UP)
    return longest_first[:count], longest_first[count:]


def _found(system: str, code: str, display: str, status: str, selectable: bool) -> FoundConcept:  # noqa: FBT001 - a row
    return FoundConcept(system, code, display, status == Concept.Status.ACTIVE, selectable)


@dataclass(frozen=True, slots=True)
class Details:
    """What CodeSystem/$lookup tells of a code. `parents` and `children` are codes of the same system."""

    concept: FoundConcept
    synonyms: tuple[str, ...]
    parents: tuple[str, ...]
    children: tuple[str, ...]
    name: str
    version: str
    copyright: str


def lookup(system: str, code: str) -> Details | None:
    """All that is known of a code, None when the code system does not have it. Raises UnknownCodeSystem."""
    concept = Concept.objects.filter(system__url=system, code=code).select_related("system").first()
    if concept is None:
        _demand_system(system)
        return None
    children = Concept.objects.filter(system=concept.system, parents__contains=[code]).order_by("code")
    return Details(
        _found(system, concept.code, concept.display, concept.status, concept.selectable),
        tuple(concept.synonyms),
        tuple(concept.parents),
        tuple(children.values_list("code", flat=True)),
        concept.system.name,
        concept.system.version,
        concept.system.copyright,
    )


Verdict = Literal["valid", "inactive", "heading", "unknown code", "not checked"]
"""What is known of a code. "not checked": only some of its code system is loaded, and it is not among that."""


def validate_code(system: str, code: str) -> Verdict:
    """Whether this code may stand in a record. A UCUM code is judged by UCUM's grammar. Raises UnknownCodeSystem."""
    if system == UCUM.url:
        return _ucum_verdict(code)
    found = Concept.objects.filter(system__url=system, code=code).values_list("status", "selectable").first()
    if found is None:
        whole = _demand_system(system).content == CodeSystem.Content.COMPLETE
        return "unknown code" if whole else "not checked"
    status, selectable = found
    if status == Concept.Status.INACTIVE:
        return "inactive"
    return "valid" if selectable else "heading"


def _ucum_verdict(code: str) -> Verdict:
    try:
        unit(code)
    except UnknownUnit:
        return "unknown code"
    return "valid"


def is_loaded(system: str) -> bool:
    """Whether anything of the code system with this URL is here."""
    return CodeSystem.objects.filter(url=system).exists()


def _demand_system(url: str) -> CodeSystem:
    system = CodeSystem.objects.filter(url=url).first()
    if system is None:
        raise UnknownCodeSystem(url)
    return system


SUBSUMED = """
WITH RECURSIVE below AS (
    SELECT code FROM terminology_concept WHERE system_id = %(id)s AND code = %(code)s
    UNION
    SELECT child.code FROM below
    JOIN terminology_concept child ON child.system_id = %(id)s AND child.parents @> ARRAY[below.code]
)
SELECT code FROM below ORDER BY code
"""
SUBSUMING = """
WITH RECURSIVE above AS (
    SELECT code, parents FROM terminology_concept WHERE system_id = %(id)s AND code = %(code)s
    UNION
    SELECT parent.code, parent.parents FROM above
    JOIN terminology_concept parent ON parent.system_id = %(id)s AND parent.code = ANY(above.parents)
)
SELECT code FROM above ORDER BY code
"""


def below(system: str, code: str) -> list[str]:
    """The code and all that it subsumes, no longer active ones too: charts speak of them. Empty for an unknown code.

    Raises UnknownCodeSystem.
    """
    return _walked(SUBSUMED, system, code)


def above(system: str, code: str) -> list[str]:
    """The code and all that subsume it, no longer active ones too. Empty for an unknown code.

    Raises UnknownCodeSystem.
    """
    return _walked(SUBSUMING, system, code)


def _walked(statement: str, system: str, code: str) -> list[str]:
    named = {"id": _demand_system(system).id, "code": code}
    with raw_cursor() as cursor:
        return [found for (found,) in cursor.execute(statement, named)]


ALL = "SELECT code, display FROM terminology_concept WHERE system_id = %(id)s AND status = 'active' ORDER BY code"
LISTED = (
    "SELECT code, display FROM terminology_concept WHERE system_id = %(id)s AND code = ANY(%(codes)s) ORDER BY code"
)
BELOW = """
WITH RECURSIVE below AS (
    SELECT code, display, status FROM terminology_concept WHERE system_id = %(id)s AND code = ANY(%(codes)s)
    UNION
    SELECT child.code, child.display, child.status FROM below
    JOIN terminology_concept child ON child.system_id = %(id)s AND child.parents @> ARRAY[below.code]
)
SELECT code, display FROM below
WHERE status = 'active' AND (%(root)s OR code <> ALL(%(codes)s)) ORDER BY code
"""
STATEMENTS = {"all": ALL, "listed": LISTED, "below": BELOW}


def expand(value_set_url: str, version: str = "") -> list[Coding]:
    """The active codes of a value set that is kept here, each once, by include and then by code.

    `version` asks for that version only. Listed codes are in it also when they are no longer in force. Raises
    UnknownValueSet, and UnknownCodeSystem when a code system that it draws on is not loaded: half an expansion would
    be a wrong one.
    """
    value_set = ValueSet.objects.filter(url=value_set_url).first()
    if value_set is None or version not in ("", value_set.version):
        raise UnknownValueSet(value_set_url)
    included, excluded = read_compose(value_set.compose)
    out = {(coding.system, coding.code) for coding in _chosen(excluded)}
    codings = {(coding.system, coding.code): coding for coding in _chosen(included)}
    return [coding for key, coding in codings.items() if key not in out]


def _chosen(choices: Sequence[Choice]) -> Iterable[Coding]:
    systems = dict(CodeSystem.objects.filter(url__in={choice.system for choice in choices}).values_list("url", "id"))
    for choice in choices:
        if choice.system not in systems:
            raise UnknownCodeSystem(choice.system)
        named: dict[str, Any] = {
            "id": systems[choice.system],
            "codes": list(choice.codes),
            "root": choice.including_root,
        }
        with raw_cursor() as cursor:
            rows = cursor.execute(STATEMENTS[choice.kind], named).fetchall()
        yield from (Coding(choice.system, code, display) for code, display in rows)

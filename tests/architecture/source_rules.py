"""Rules about Python source: each says what it forbids, with an example that keeps it and one that breaks it."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch

from tests.architecture.tree import Source

Found = Iterator[tuple[int, str]]


@dataclass(frozen=True)
class Rule:
    """`check` yields (line, what) for each breach.

    `home` are patterns of paths where the thing belongs; `reviewed` maps a path to why it may all the same.
    """

    name: str
    check: Callable[[Source], Found]
    good: str
    bad: str
    home: tuple[str, ...] = ()
    reviewed: dict[str, str] = field(default_factory=dict)
    applies_to: tuple[str, ...] = ("ehr",)

    def breaches(self, source: Source) -> list[str]:
        if source.path in self.reviewed or any(fnmatch(source.path, pattern) for pattern in self.home):
            return []
        return [f"{source.path}:{line}: {what}" for line, what in self.check(source)]


def _calls(source: Source) -> Iterator[ast.Call]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def _dotted(node: ast.expr) -> str:
    """ "Patient.objects.filter().update" for such a chain; calls in between are shown as ()."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{_dotted(node.func)}()"
    return node.id if isinstance(node, ast.Name) else "?"


def _actions(source: Source) -> Iterator[ast.FunctionDef]:
    """Functions marked @action(…)."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef) and any(_dotted(mark) == "action()" for mark in node.decorator_list):
            yield node


MANAGER_WRITES = {
    "abulk_create", "acreate", "adelete", "aupdate", "bulk_create", "bulk_update", "create", "delete", "get_or_create",
    "update", "update_or_create",
}  # fmt: skip


def _orm_writes(source: Source) -> Found:
    inside = {id(call) for function in _actions(source) for call in ast.walk(function)}
    for call in _calls(source):
        if id(call) in inside:
            continue
        chain = _dotted(call.func)
        last = chain.rpartition(".")[2]
        if last in MANAGER_WRITES and (".objects" in chain or "_set." in chain):
            yield call.lineno, f"{chain}() outside an action"
        if last in {"save", "asave"} and "super()" not in chain and not (call.args or chain.startswith("form.")):
            yield call.lineno, f"{chain}() outside an action"


def _named_calls(*names: str, message: str) -> Callable[[Source], Found]:
    def check(source: Source) -> Found:
        for call in _calls(source):
            chain = _dotted(call.func)
            if any(chain == name or (name.startswith(".") and chain.endswith(name)) for name in names):
                yield call.lineno, f"{chain}(): {message}"

    return check


def _imports_of(*modules: str, message: str) -> Callable[[Source], Found]:
    def check(source: Source) -> Found:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            else:
                continue
            for name in names:
                if name in modules:
                    yield node.lineno, f"import {name}: {message}"

    return check


SQL = re.compile(
    r"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s|CREATE\s+\w+\s|ALTER\s+\w+\s"
    r"|DROP\s+\w+\s|COPY\s|GRANT\s|REVOKE\s|TRUNCATE\s)"
)


def _assembled_sql(source: Source) -> Found:
    """SQL built at run time from more than the module's own constants."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.JoinedStr):
            first = node.values[0] if node.values else None
            begins = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
            if SQL.match(begins) and any(_varies(part) for part in node.values):
                yield node.lineno, "SQL assembled by an f-string"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            left = node.left
            if isinstance(left, ast.Constant) and isinstance(left.value, str) and SQL.match(left.value):
                yield node.lineno, "SQL assembled by an operator"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            owner = node.func.value
            if isinstance(owner, ast.Constant) and isinstance(owner.value, str) and SQL.match(owner.value):
                yield node.lineno, "SQL assembled by format()"


def _varies(part: ast.expr) -> bool:
    if not isinstance(part, ast.FormattedValue):
        return False
    name = part.value.attr if isinstance(part.value, ast.Attribute) else getattr(part.value, "id", "")
    return not name.isupper()


FORBIDDEN_NAME = re.compile(
    r"(^|_)(utils?|helpers?|manager)($|_)|^(process|handle)_|Utils?$|Helper|^.*(?<!User)Manager$", re.ASCII
)


def _vague_names(source: Source) -> Found:
    stem = source.path.rpartition("/")[2].removesuffix(".py")
    for part in (*source.path.split("/")[:-1], stem):
        if FORBIDDEN_NAME.search(part):
            yield 1, f"a module named {part}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and FORBIDDEN_NAME.search(node.name):
            yield node.lineno, f"{node.name} does not say what it does"


COMMENT_WITHOUT_REASON = re.compile(
    r"#\s*(noqa(?:: ?[A-Z]+\d*(?:, ?[A-Z]+\d*)*)?|type: ignore(?:\[[\w, -]+\])?)\s*(?=$|#\s*noqa)"
)
UNFINISHED = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b")


def _lines(pattern: re.Pattern[str], message: str) -> Callable[[Source], Found]:
    def check(source: Source) -> Found:
        for number, line in enumerate(source.text.splitlines(), 1):
            if found := pattern.search(line):
                yield number, f"{found[0].strip()}: {message}"

    return check


def _too_long(source: Source) -> Found:
    lines = source.text.count("\n")
    if lines > 600:
        yield lines, f"{lines} lines: make it a package"


def _hands_on(node: ast.stmt) -> bool:
    """Whether this only gives another door to a function of the same name, which says what it does."""
    body = node.body[0] if isinstance(node, ast.FunctionDef) and len(node.body) == 1 else None
    return (
        isinstance(body, ast.Return)
        and isinstance(body.value, ast.Call)
        and _dotted(body.value.func).endswith(f".{getattr(node, 'name', '')}")
    )


def _bare_definitions(source: Source) -> Found:
    """Public functions and classes that do not say what they are. Configurations and commands say it in other ways."""
    for node in source.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        bases = {_dotted(base) for base in node.bases} if isinstance(node, ast.ClassDef) else set()
        if (
            ast.get_docstring(node) is None
            and not bases & {"AppConfig", "BaseCommand"}
            and node.name != "Command"
            and not _hands_on(node)
        ):
            yield node.lineno, f"{node.name} has no docstring"


EVERYWHERE = ("ehr", "infra", "tests", "manage.py")

RULES = [
    Rule(
        "only actions write",
        _orm_writes,
        good="rows = Patient.objects.filter(active=True).values()\nseen.update(other)\nsuper().save(*args)",
        bad="Patient.objects.filter(pk=1).update(active=False)",
        home=("*/actions.py", "*/actions/*.py"),
        reviewed={"ehr/fhir/imports/ledger.py": "called by fhir.import.store only; its tables are guarded"},
    ),
    Rule(
        "models are imported, not looked up",
        _named_calls("get_model", ".get_model", message="import the model, so that contracts see it"),
        good="from ehr.access.models import User",
        bad="User = apps.get_model('access', 'User')",
    ),
    Rule(
        "SQL is assembled only where it was reviewed",
        _assembled_sql,
        good='execute("SELECT id FROM t WHERE id = %s", [value])\nexecute(f"SELECT {COLUMNS}")\nlog(f"{count} rows")',
        bad='cursor.execute(f"SELECT id FROM t WHERE id = {value}")',
        reviewed={
            "ehr/audit/guards.py": "table names of models",
            "ehr/audit/outbox.py": "one of two constant assignments",
            "ehr/audit/trail.py": "column lists that stand beside it",
            "ehr/audit/verify.py": "field names of a struct",
            "ehr/config/management/commands/migrate_tenants.py": "a quoted role and table names of models",
            "ehr/fhir/history.py": "conditions of constants and placeholders",
            "ehr/fhir/reading.py": "column lists and conditions that stand beside it",
            "ehr/fhir/projections.py": "table and column names of models",
            "ehr/fhir/rows.py": "table and column names of models",
            "ehr/lib/postgresql/copying.py": "table and column names of its callers' constants",
            "ehr/fhir/search/pages.py": "composed of SQL objects: constant text with its values beside it",
            "ehr/fhir/search/search.py": "as above",
            "ehr/fhir/search/sql.py": "as above",
            "ehr/fhir/verification.py": "table and column names of models",
        },
    ),
    Rule(
        "no binary fractions",
        _named_calls("float", message="Decimal keeps what was stated"),
        good="value = Decimal(text)",
        bad="value = float(text)",
        reviewed={"ehr/ui/sparkline.py": "pixels, not quantities"},
    ),
    Rule(
        "JSON goes through ehr.lib.json",
        _imports_of("json", "simplejson", "orjson", "ujson", message="it loses number literals"),
        good="from ehr.lib import json",
        bad="import json",
    ),
    Rule(
        "one clock",
        _named_calls(
            "datetime.now",
            "datetime.utcnow",
            "datetime.today",
            "date.today",
            "datetime.datetime.now",
            "datetime.date.today",
            "timezone.now",
            message="ehr.lib.clock.now() can be told the time by a test",
        ),
        good="from ehr.lib import clock\nclock.now()",
        bad="datetime.now(UTC)",
        home=("ehr/lib/clock.py",),
    ),
    Rule(
        "output goes to a stream that was asked for",
        _named_calls("print", message="self.stdout.write, or a log"),
        good="self.stdout.write(line)",
        bad="print(line)",
    ),
    Rule(
        "names say what a thing does",
        _vague_names,
        good="def dispense(): ...",
        bad="def process_order(): ...",
        applies_to=EVERYWHERE,
    ),
    Rule(
        "a silenced check says why",
        _lines(COMMENT_WITHOUT_REASON, "say why"),
        good="import x  # noqa: F401 - registers itself\ny = f()  # type: ignore[no-any-return] # untyped library",
        bad="import x  # noqa: F401",
        applies_to=EVERYWHERE,
    ),
    Rule(
        "nothing is left for later",
        _lines(UNFINISHED, "do it, or write an issue"),
        good="# the list is complete",
        bad="# todo: complete the list".upper(),
        applies_to=EVERYWHERE,
    ),
    Rule("files stay readable", _too_long, good="x = 1\n", bad="x = 1\n" * 601, applies_to=EVERYWHERE),
    Rule(
        "public things say what they are",
        _bare_definitions,
        good='def admit():\n    """Admits."""\ndef _inner(): ...',
        bad="def admit(): ...",
        applies_to=("ehr", "infra"),
    ),
]

"""A private database on disk in which the files of a large release are brought together, so that memory stays small."""

import sqlite3
from collections.abc import Iterable
from typing import Any


class Scratch:
    """Terms and parents by code. It is gone when it is no longer referred to."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")  # "": a temporary file of SQLite's own
        self._database.executescript(
            """
            CREATE TEMP TABLE concept (code TEXT PRIMARY KEY, active INTEGER) WITHOUT ROWID;
            CREATE TEMP TABLE term (code TEXT, main INTEGER, text TEXT, active INTEGER);
            CREATE TEMP TABLE parent (code TEXT, parent TEXT);
            CREATE INDEX temp.term_code ON term (code);
            CREATE INDEX temp.parent_code ON parent (code);
            """
        )

    def add_concepts(self, rows: Iterable[tuple[str, bool]]) -> None:
        """Rows of (code, active). A code that occurs again is kept once."""
        self._add("INSERT OR IGNORE INTO concept VALUES (?, ?)", rows)

    def add_terms(self, rows: Iterable[tuple[str, bool, str, bool]]) -> None:
        """Rows of (code, whether this is the concept's main term, text, active)."""
        self._add("INSERT INTO term VALUES (?, ?, ?, ?)", rows)

    def add_parents(self, rows: Iterable[tuple[str, str]]) -> None:
        """Rows of (code, code of a parent)."""
        self._add("INSERT INTO parent VALUES (?, ?)", rows)

    def concepts(self) -> Iterable[tuple[str, bool]]:
        """(code, active) in the order of codes."""
        found = self._database.execute("SELECT code, active FROM concept ORDER BY code")
        return ((code, bool(active)) for code, active in found)

    def terms(self, code: str) -> list[tuple[bool, str, bool]]:
        """(main, text, active) of a concept, in the order they were added."""
        found = self._database.execute("SELECT main, text, active FROM term WHERE code = ? ORDER BY rowid", [code])
        return [(bool(main), text, bool(active)) for main, text, active in found]

    def parents(self, code: str) -> tuple[str, ...]:
        """The codes of a concept's parents, each once, sorted."""
        found = self._database.execute("SELECT DISTINCT parent FROM parent WHERE code = ? ORDER BY parent", [code])
        return tuple(parent for (parent,) in found)

    def _add(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self._database:
            self._database.executemany(statement, rows)

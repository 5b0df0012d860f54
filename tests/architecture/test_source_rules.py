"""Rules about Python source, on the tree and on their own examples."""

import pytest

from tests.architecture.source_rules import RULES, Rule
from tests.architecture.tree import Source, sources

by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@by_name
def test_rule_tells_good_from_bad(rule: Rule) -> None:
    assert list(rule.check(Source.of("ehr/example.py", rule.good))) == []
    assert [line for line, _ in rule.check(Source.of("ehr/example.py", rule.bad))] != []


@by_name
def test_tree_keeps_the_rule(rule: Rule) -> None:
    found = [
        breach for source in sources(*rule.applies_to) if not _is_migration(source) for breach in rule.breaches(source)
    ]
    if found:
        pytest.fail("\n".join([rule.name, *found]), pytrace=False)


@by_name
def test_every_reviewed_file_still_needs_it(rule: Rule) -> None:
    """An exception that nothing needs any more goes."""
    needed = {source.path for source in sources(*rule.applies_to) if list(rule.check(source))}
    assert set(rule.reviewed) - needed == set()


def _is_migration(source: Source) -> bool:
    return "/migrations/" in source.path

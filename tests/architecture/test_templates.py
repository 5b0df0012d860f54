"""Pages that a strict policy and a screen reader can live with."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.architecture.tree import texts

pytestmark = pytest.mark.accessibility

TEMPLATES = [(path, text) for path, text in texts(".html") if "/templates/" in path]
COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)


def _finds(pattern: str, flags: int = re.IGNORECASE) -> Callable[[str], list[str]]:
    compiled = re.compile(pattern, flags)
    return lambda text: [found[0].strip()[:100] for found in compiled.finditer(text)]


def _unlabelled_fields(text: str) -> list[str]:
    found = []
    outside_labels = re.sub(r"<label\b.*?</label>", "", text, flags=re.IGNORECASE | re.DOTALL)
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", outside_labels, re.IGNORECASE):
        if re.search(r"type=\"(hidden|submit)\"|aria-label(ledby)?=", tag):
            continue
        name = re.search(r"\sid=\"([^\"]+)\"", tag)
        if name is None or f'for="{name[1]}"' not in text:
            found.append(tag[:100])
    return found


@dataclass(frozen=True)
class TemplateRule:
    name: str
    breaches: Callable[[str], list[str]]
    good: str
    bad: str


RULES = [
    TemplateRule(
        "no inline script",
        _finds(r"<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+\s*=\s*[\"']|javascript:"),
        good='<script src="x.js" type="module"></script><p data-only="x">',
        bad='<button onclick="go()">',
    ),
    TemplateRule(
        "no inline style",
        _finds(r"<style\b|\sstyle\s*="),
        good='<p class="quiet">',
        bad='<p style="color: red">',
    ),
    TemplateRule(
        "nothing from elsewhere",
        _finds(r"(?:src|href|action)=[\"'](?:https?:)?//"),
        good="<link href=\"{% static 'x.css' %}\">",
        bad='<script src="https://cdn.example/x.js"></script>',
    ),
    TemplateRule(
        "escaping stays on",
        _finds(r"\|\s*safe\b|\{%\s*autoescape\s+off|mark_safe"),
        good="{{ name }}",
        bad="{{ name|safe }}",
    ),
    TemplateRule(
        "forms that change something carry the token",
        lambda text: [
            form[:80]
            for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.IGNORECASE | re.DOTALL)
            if "csrf_token" not in form
        ],
        good='<form method="post">{% csrf_token %}</form>',
        bad='<form method="post"></form>',
    ),
    TemplateRule(
        "table headers have a scope",
        _finds(r"<th(?![^>]*\bscope=)(?=[\s>])[^>]*>"),
        good='<th scope="col">Test</th><thead>',
        bad="<th>Test</th>",
    ),
    TemplateRule(
        "images have a text", _finds(r"<img(?![^>]*\balt=)[^>]*>"), good='<img alt="">', bad='<img src="x.png">'
    ),
    TemplateRule(
        "fields have a label",
        _unlabelled_fields,
        good='<label for="q">Find</label><input id="q"><label>Name <input></label><input aria-label="Find">',
        bad='<input id="q">',
    ),
    TemplateRule(
        "focus order is the reading order", _finds(r"tabindex=\"[1-9]"), good='tabindex="-1"', bad='tabindex="1"'
    ),
]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@each_rule
def test_rule_tells_good_from_bad(rule: TemplateRule) -> None:
    assert rule.breaches(rule.good) == []
    assert rule.breaches(rule.bad) != []


@each_rule
def test_templates_keep_the_rule(rule: TemplateRule) -> None:
    assert [(path, found) for path, text in TEMPLATES for found in rule.breaches(COMMENT.sub("", text))] == []


def fragments(templates: list[tuple[str, str]]) -> set[str]:
    """Names of templates that another one takes in."""
    mentioned = re.compile(r"(?<!extends )\"([\w/.-]+\.html)\"")
    return {name for _, text in templates for name in mentioned.findall(text)}


def strays(templates: list[tuple[str, str]]) -> list[str]:
    """Templates that nobody takes in and that extend none: a page without the frame."""
    taken_in = fragments(templates)
    begins_well = re.compile(r"\s*(\{% load [^%]+%\}\s*)*(\{% extends |<!doctype html>)", re.IGNORECASE)
    return [
        path
        for path, text in templates
        if "/components/" not in path
        and path.partition("/templates/")[2] not in taken_in
        and not begins_well.match(COMMENT.sub("", text))
    ]


def test_rule_tells_a_page_from_a_fragment() -> None:
    frame = ("ehr/ui/templates/ui/frame.html", "<!doctype html>")
    page = ("ehr/lab/templates/lab/list.html", '{% extends "ui/frame.html" %}{% include "lab/row.html" %}')
    row = ("ehr/lab/templates/lab/row.html", "<tr>")
    bare = ("ehr/lab/templates/lab/bare.html", "<p>")
    assert strays([frame, page, row]) == []
    assert strays([frame, page, row, bare]) == ["ehr/lab/templates/lab/bare.html"]


def test_every_page_extends_the_frame() -> None:
    assert strays(TEMPLATES) == []


def test_there_is_one_document() -> None:
    """One <html>, with a language and a viewport."""
    documents = [text for _, text in TEMPLATES if "<html" in text]
    assert len(documents) == 1
    assert re.search(r"<html[^>]* lang=", documents[0])
    assert 'name="viewport"' in documents[0]

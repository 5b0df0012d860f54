"""Date searches against the specification's own words, for any dates (FHIR R4 search.html#prefix)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ehr.audit.actions import action, audit
from ehr.audit.actors import Actor
from ehr.fhir import store
from ehr.fhir.admission import admit
from ehr.fhir.search.parse import parse
from ehr.fhir.search.search import run
from ehr.lib.dates import EARLIEST, LATEST, interval

pytestmark = pytest.mark.usefixtures("db")

INSTANTS = st.datetimes(datetime(2019, 12, 30), datetime(2020, 3, 2))  # noqa: DTZ001 - the zone is added with the text


def _date(instant: datetime, form: str) -> str:
    return instant.strftime(form)


DATES = st.builds(
    _date, INSTANTS, st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+09:30"])
)
PERIODS = st.tuples(st.none() | DATES, st.none() | DATES).filter(any)


def covered(value: str | tuple[str | None, str | None]) -> tuple[datetime, datetime]:
    start, end = (value, value) if isinstance(value, str) else value
    low, high = (interval(text) if text else None for text in (start, end))
    return low.low if low else EARLIEST, high.high if high else LATEST


def meets(prefix: str, target: tuple[datetime, datetime], asked: tuple[datetime, datetime]) -> bool:
    (low, high), (from_, to) = target, asked
    contained = from_ <= low and high <= to
    above, below = high > to, low < from_
    return {
        "eq": contained,
        "ne": not contained,
        "gt": above,
        "lt": below,
        "ge": above or contained,
        "le": below or contained,
        "sa": low >= to,
        "eb": high <= from_,
    }[prefix]


@action("tests.search.put-encounters")
def put(*, actor: Actor, values: list[str | tuple[str | None, str | None]]) -> None:
    audit()
    changes = []
    for number, value in enumerate(values):
        start, end = (value, value) if isinstance(value, str) else value
        period = {name: text for name, text in (("start", start), ("end", end)) if text}
        encounter = {
            "resourceType": "EpisodeOfCare",
            "id": f"e{number}",
            "status": "active",
            "patient": {"display": "nobody"},
            "period": period,
        }
        identity = ("EpisodeOfCare", f"e{number}")
        changes.append(store.Change(*identity, admit(encounter), store.lock([identity]).get(identity)))
    store.write(changes)


def is_ordered(value: str | tuple[str | None, str | None]) -> bool:
    low, high = covered(value)
    return low < high


VALUES = st.lists((DATES | PERIODS).filter(is_ordered), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    VALUES,
    st.lists(
        st.tuples(st.sampled_from(["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"]), DATES), min_size=5, max_size=5
    ),
)
def test_prefixes(values: list[str | tuple[str | None, str | None]], questions: list[tuple[str, str]]) -> None:
    put(actor=Actor("system", "tests", "Tests"), values=values)
    for prefix, asked in questions:
        page = run(parse("EpisodeOfCare", f"date={prefix}{asked.replace('+', '%2B')}"))
        expected = {f"e{n}" for n, value in enumerate(values) if meets(prefix, covered(value), covered(asked))}
        assert {hit.id for hit in page.matches} == expected


@given(DATES)
def test_intervals_are_what_the_text_covers(text: str) -> None:
    low, high = covered(text)
    assert low.tzinfo is UTC
    assert high - low in {timedelta(seconds=1), timedelta(days=1)} | {
        timedelta(days=days) for days in (29, 31, 365, 366)
    }

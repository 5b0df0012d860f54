"""The demo's charts as resources, before any database: valid, whole, around the moment, as the pictures show."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ehr.access.role_catalogue import CATALOGUE
from ehr.fhir.search.extract import literal_references
from ehr.fhir.validation import known_profiles, validate
from ehr.lib.dates import interval
from ehr.record.projections import project_allergy_intolerance, project_observation
from ehr.record.rules import AllergyEntry, AllergyState, allergy_state
from infra.demo_hospital import general, laboratory, valley
from infra.demo_hospital.builders import Resource
from infra.demo_hospital.chart import chart_resources
from infra.demo_hospital.facility import facility_resources
from infra.demo_hospital.logins import LOGINS
from infra.demo_hospital.site import Site
from infra.demo_hospital.stories import Story

MOMENT = datetime(2026, 11, 22, 8, 42, 31, tzinfo=UTC)
CONTENT = {"general": general, "valley": valley}
TENANTS = sorted(CONTENT)


def site(tenant: str) -> Site:
    return Site(tenant, MOMENT)


def resources(tenant: str) -> list[Resource]:
    content = CONTENT[tenant]
    made = facility_resources(site(tenant), content.FACILITY)
    for story in content.STORIES:
        made.extend(chart(story, tenant))
    return made


def chart(story: Story, tenant: str = "general") -> list[Resource]:
    return chart_resources(site(tenant), CONTENT[tenant].FACILITY, story)


@pytest.mark.parametrize("tenant", TENANTS)
def test_every_resource_is_valid_under_r4_and_those_of_its_profiles_that_are_known(tenant: str) -> None:
    faults = [
        (resource["resourceType"], fault.expression, fault.diagnostics)
        for resource in resources(tenant)
        for fault in validate(resource)
        if fault.severity in ("error", "fatal")
    ]
    assert faults == []


@pytest.mark.parametrize("tenant", TENANTS)
def test_ids_are_unique_and_say_nothing_and_every_reference_resolves(tenant: str) -> None:
    made = resources(tenant)
    ids = [f"{resource['resourceType']}/{resource['id']}" for resource in made]
    assert len(set(ids)) == len(ids)
    assert not any(story.family.lower() in id_.lower() for story in CONTENT[tenant].STORIES for id_ in ids)
    wanted = {reference for resource in made for reference in literal_references(resource)}
    assert wanted <= set(ids)
    assert len(wanted) > 20


def test_two_tenants_share_no_id() -> None:
    first, second = ({resource["id"] for resource in resources(tenant)} for tenant in TENANTS)
    assert first.isdisjoint(second)


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_same_moment_makes_the_same_charts_and_nothing_lies_after_it(tenant: str) -> None:
    assert resources(tenant) == resources(tenant)
    late = [text for text in strings(resources(tenant)) if (when := interval(text)) and when.low > MOMENT]
    assert late == []


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value[:2] in ("19", "20"):
            yield value
    elif isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from strings(child)


def test_the_general_hospital_has_two_weeks_of_results_up_to_now() -> None:
    taken = [
        project_observation(one, {})["effective_low"] for one in resources("general") if "effectiveDateTime" in one
    ]
    recent = [when for when in taken if when and when > MOMENT - timedelta(days=14)]
    assert min(recent) < MOMENT - timedelta(days=13)
    assert MOMENT - max(recent) < timedelta(minutes=30)


GRID = {  # the results of chart-light.png, oldest first
    "Potassium": "4.6 4.8 5.0 5.2H 5.3H 5.6H 6.1HH",
    "Creatinine": "1.42H 1.68H 2.10H 2.38H 2.31H 2.04H 1.86H",
    "Urea nitrogen": "28H 33H 41H 46H 44H 39H 36H",
    "Sodium": "133L 134L 135L 136 137 137 138",
    "Bicarbonate": "17L 18L 19L 20L 21L 22 22",
    "Glucose": "241H 198H 176H 162H 188H 151H 143H",
    "White cells": "19.8H 18.2H 15.1H 13.4H 11.9H 10.4H",
    "Hemoglobin": "10.9L 10.6L 10.1L 9.9L 9.8L 9.2L",
    "Platelets": "138L 129L 131L 146L 162 188",
    "C-reactive protein": "286H 214H 142H 88H",
    "Lactate": "4.1HH 2.9H 1.8 1.4 1.1",
}


def test_margaret_okafors_results_are_those_of_the_picture() -> None:
    shown: dict[str, list[tuple[datetime, str]]] = {}
    for one in chart(general.OKAFOR):
        row = project_observation(one, {}) if one["resourceType"] == "Observation" else {"category": []}
        if row["category"] == ["laboratory"] and row["effective_low"] > MOMENT - timedelta(days=4):
            flag = "" if row["interpretation"] == "N" else row["interpretation"]
            shown.setdefault(row["display"], []).append((row["effective_low"], f"{row['value_number']}{flag}"))
    assert {name: " ".join(text for _, text in sorted(values)) for name, values in shown.items()} == GRID


def test_margaret_okafors_latest_vital_signs_are_those_of_the_picture() -> None:
    rows = [project_observation(one, {}) for one in chart(general.OKAFOR) if one["resourceType"] == "Observation"]
    signs = [row for row in rows if row["category"] == ["vital-signs"]]
    newest = max(row["effective_low"] for row in signs)
    shown = [
        (row["display"], row["value_number"], *row["component_numbers"])
        for row in signs
        if row["effective_low"] == newest
    ]
    assert shown == [("Temp", Decimal("37.4")), ("Pulse", 96), ("Resp", 18), ("SpO₂", 96), ("BP", None, 118, 64)]


@pytest.mark.parametrize("tenant", TENANTS)
def test_no_two_sets_of_vital_signs_were_taken_at_once(tenant: str) -> None:
    for story in CONTENT[tenant].STORIES:
        rows = [project_observation(one, {}) for one in chart(story, tenant) if one["resourceType"] == "Observation"]
        taken = [row["effective_low"] for row in rows if row["display"] == "Temp"]
        assert len(set(taken)) == len(taken)


@pytest.mark.parametrize(
    ("story", "state"),
    [
        (general.OKAFOR, AllergyState.LISTED),
        (general.LINDQVIST, AllergyState.NONE_KNOWN),
        (general.WILLIAMS, AllergyState.UNABLE),
        (general.WEBER, AllergyState.NOT_RECORDED),
    ],
)
def test_all_four_states_of_allergies_occur(story: Story, state: AllergyState) -> None:
    rows = [project_allergy_intolerance(o, {}) for o in chart(story) if o["resourceType"] == "AllergyIntolerance"]
    columns = ("statement", "clinical_status", "verification_status")
    assert allergy_state(AllergyEntry(*(row[name] for name in columns)) for row in rows) is state


@pytest.mark.parametrize(
    ("name", "value", "flag"),
    [
        ("potassium", "2.7", "LL"),
        ("potassium", "2.8", "L"),
        ("potassium", "3.5", "N"),
        ("potassium", "5.1", "N"),
        ("potassium", "5.2", "H"),
        ("potassium", "6.0", "HH"),
        ("CRP", "0", "N"),
        ("CRP", "5.1", "H"),
        ("hemoglobin", "6.9", "LL"),
    ],
)
def test_flags_follow_reference_range_and_call_limits(name: str, value: str, flag: str) -> None:
    assert laboratory.ASSAYS[name].flag(Decimal(value)) == flag


@pytest.mark.parametrize("tenant", TENANTS)
def test_there_is_a_login_for_every_role(tenant: str) -> None:
    assert sorted(LOGINS[tenant]) == sorted(role.name for role in CATALOGUE)


BASE_PROFILES = {
    "us-core-body-temperature": "bodytemp",
    "us-core-heart-rate": "heartrate",
    "us-core-respiratory-rate": "resprate",
    "us-core-pulse-oximetry": "oxygensat",
    "us-core-blood-pressure": "bp",
    "us-core-body-weight": "bodyweight",
}


@pytest.mark.parametrize("tenant", TENANTS)
def test_vital_signs_also_obey_the_profiles_of_r4_itself(tenant: str) -> None:
    checked = set()
    for resource in resources(tenant):
        claimed = resource.get("meta", {}).get("profile", [""])[0].rpartition("/")[2]
        if base := BASE_PROFILES.get(claimed):
            profile = f"http://hl7.org/fhir/StructureDefinition/{base}"
            assert profile in known_profiles()
            assert [
                fault for fault in validate(resource | {"meta": {"profile": [profile]}}) if fault.severity == "error"
            ] == []
            checked.add(claimed)
    assert checked == set(BASE_PROFILES)

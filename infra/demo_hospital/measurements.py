"""Laboratory results and vital signs as Observations, and the reports that gather them."""

import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from infra.demo_hospital import builders, codes
from infra.demo_hospital.builders import Resource
from infra.demo_hospital.codes import loinc
from infra.demo_hospital.laboratory import ASSAYS, PANELS, Assay, Panel
from infra.demo_hospital.site import Site
from infra.demo_hospital.stories import Draws, Story, Vitals

EncounterAt = Callable[[float], dict[str, Any] | None]

REPORTED_AFTER = 0.3  # hours from the draw to the report

BLOOD_PRESSURE = loinc("85354-9", "Blood pressure panel with all children optional")
SYSTOLIC = loinc("8480-6", "Systolic blood pressure")
DIASTOLIC = loinc("8462-4", "Diastolic blood pressure")
OXIMETRY = (  # US Core asks for both
    loinc("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
    loinc("2708-6", "Oxygen saturation in Arterial blood"),
)
WEIGHT = loinc("29463-7", "Body weight")


def laboratory_resources(
    site: Site, story: Story, subject: dict[str, Any], encounter_at: EncounterAt
) -> Iterator[Resource]:
    """Each draw's results, then the report of each panel that was asked for."""
    for series, draws in enumerate(story.draws):
        for number, hours in enumerate(draws.hours):
            for panel in PANELS:
                key = f"{story.key}/{series}/{number}/{panel.name}"
                shared = {"subject": subject, "encounter": encounter_at(hours)}
                results = list(_results(site, key, panel, draws, number, hours, shared))
                if results:
                    yield from results
                    yield _report(site, key, panel, hours, results, shared)


def _results(
    site: Site, key: str, panel: Panel, draws: Draws, number: int, hours: float, shared: dict[str, Any]
) -> Iterator[Resource]:
    for name in panel.assays:
        stated = draws.values[name].split()[number] if name in draws.values else "-"
        if stated != "-":
            yield _result(site, f"{key}/{name}", ASSAYS[name], Decimal(stated), hours, shared)


def _result(site: Site, key: str, assay: Assay, value: Decimal, hours: float, shared: dict[str, Any]) -> Resource:
    flag = assay.flag(value)
    return builders.observation(
        site.id("Observation", key), category="laboratory", profile="observation-lab",
        code=builders.concept(assay.code, text=assay.name), effective=site.at(hours),
        issued=site.instant(hours - REPORTED_AFTER), valueQuantity=builders.quantity(value, assay.unit, assay.ucum),
        interpretation=[builders.coded(codes.INTERPRETATION, flag)], referenceRange=[_range(assay)], **shared,
    )  # fmt: skip


def _range(assay: Assay) -> dict[str, Any]:
    low, high = (
        builders.quantity(end, assay.unit, assay.ucum) if end is not None else None for end in (assay.low, assay.high)
    )
    return builders.present(low=low, high=high)


def _report(
    site: Site, key: str, panel: Panel, hours: float, results: list[Resource], shared: dict[str, Any]
) -> Resource:
    return builders.diagnostic_report(
        site.id("DiagnosticReport", key), code=builders.concept(panel.code, text=panel.name), effective=site.at(hours),
        issued=site.instant(hours - REPORTED_AFTER),
        result=[builders.reference(f"Observation/{result['id']}") for result in results], **shared,
    )  # fmt: skip


def vital_resources(site: Site, story: Story, subject: dict[str, Any], encounter_at: EncounterAt) -> Iterator[Resource]:
    """Every set of vital signs of every series."""
    for series, vitals in enumerate(story.vitals):
        times = _times(vitals)
        chance = random.Random(f"{site.tenant}/{story.key}/{series}")  # noqa: S311 - the same chart on every machine
        courses = [_course(points, len(times), chance) for points in _points(vitals)]
        for number, (hours, values) in enumerate(zip(times, zip(*courses, strict=True), strict=True)):
            shared = {"subject": subject, "encounter": encounter_at(hours), "effective": site.at(hours)}
            yield from _vital_set(site, f"{story.key}/{series}/{number}", values, shared)


def _points(vitals: Vitals) -> tuple[str, ...]:
    return (
        vitals.temperature, vitals.pulse, vitals.respiration, vitals.saturation, vitals.systolic, vitals.diastolic,
    )  # fmt: skip


def _times(vitals: Vitals) -> list[float]:
    steps = int((vitals.days - vitals.until) * 24 / vitals.every)
    return [24 * vitals.until + vitals.every * step for step in range(steps, -1, -1)]


def _course(points: str, count: int, chance: random.Random) -> list[Decimal]:
    """Values that pass through `points` at even distances, the last one exactly, with a little noise between."""
    anchors = [Decimal(point) for point in points.split()]
    step = Decimal(1).scaleb(min(int(anchor.as_tuple().exponent) for anchor in anchors))
    values = []
    for number in range(count):
        place = Decimal(number * (len(anchors) - 1)) / max(count - 1, 1)
        left = min(int(place), len(anchors) - 2)
        level = anchors[left] + (anchors[left + 1] - anchors[left]) * (place - left)
        noise = 0 if number == count - 1 else chance.choice((-2, -1, -1, 0, 0, 0, 1, 1, 2))
        values.append((level + noise * step).quantize(step))
    return values


def _vital_set(site: Site, key: str, values: tuple[Decimal, ...], shared: dict[str, Any]) -> Iterator[Resource]:
    temperature, pulse, respiration, saturation, systolic, diastolic = values
    single = (
        ("body-temperature", "Temp", (loinc("8310-5", "Body temperature"),), temperature, "°C", "Cel", "36.1", "38.0"),
        ("heart-rate", "Pulse", (loinc("8867-4", "Heart rate"),), pulse, "/min", "/min", "51", "90"),
        ("respiratory-rate", "Resp", (loinc("9279-1", "Respiratory rate"),), respiration, "/min", "/min", "12", "20"),
        ("pulse-oximetry", "SpO₂", OXIMETRY, min(saturation, Decimal(100)), "%", "%", "96", None),
    )  # fmt: skip
    for profile, name, concepts, value, unit, ucum, low, high in single:
        yield builders.observation(
            site.id("Observation", f"{key}/{profile}"), category="vital-signs", profile=profile,
            code=builders.concept(*concepts, text=name), valueQuantity=builders.quantity(value, unit, ucum),
            referenceRange=[builders.present(
                low=builders.quantity(low, unit, ucum), high=builders.quantity(high, unit, ucum) if high else None
            )], **shared,
        )  # fmt: skip
    yield builders.observation(
        site.id("Observation", f"{key}/blood-pressure"), category="vital-signs", profile="blood-pressure",
        code=builders.concept(BLOOD_PRESSURE, text="BP"),
        component=[_pressure(SYSTOLIC, systolic), _pressure(DIASTOLIC, diastolic)], **shared,
    )  # fmt: skip


def _pressure(code: codes.Code, value: Decimal) -> dict[str, Any]:
    return {"code": builders.concept(code), "valueQuantity": builders.quantity(value, "mmHg", "mm[Hg]")}


def weight_resource(site: Site, story: Story, subject: dict[str, Any], encounter_at: EncounterAt) -> Iterator[Resource]:
    """The latest weight, when one was taken."""
    hours = 26.0
    if story.weight:
        yield builders.observation(
            site.id("Observation", f"{story.key}/weight"), category="vital-signs", profile="body-weight",
            code=builders.concept(WEIGHT, text="Weight"), effective=site.at(hours), subject=subject,
            encounter=encounter_at(hours), valueQuantity=builders.quantity(story.weight, "kg", "kg"),
        )  # fmt: skip

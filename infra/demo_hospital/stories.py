"""What a demo chart is told in: people, and what happened to them, by days and hours before the moment of loading."""

from dataclasses import dataclass, field

from infra.demo_hospital.codes import NO_KNOWN_ALLERGY, Code


@dataclass(frozen=True, slots=True)
class Problem:
    """An entry of the problem list; `since` is days ago, or a year such as "2011"."""

    code: Code
    words: str
    since: float | str
    resolved: bool = False


@dataclass(frozen=True, slots=True)
class Allergy:
    """An allergy with its one reaction, or a statement that none is known or can be found out."""

    code: Code
    words: str
    category: str = ""
    reaction: Code | None = None
    reaction_words: str = ""
    severity: str = ""
    verification: str = "confirmed"


LATEST_VITALS = 0.01  # days: a quarter of an hour

NONE_KNOWN = Allergy(NO_KNOWN_ALLERGY, "No known allergies")


@dataclass(frozen=True, slots=True)
class Medication:
    """An order: `dose` is (number, unit, UCUM); `rate` the same for an infusion; `repeat` is a Timing.repeat."""

    code: Code
    words: str
    route: Code
    route_words: str
    since: float
    dose: tuple[str, str, str] | None = None
    rate: tuple[str, str, str] | None = None
    repeat: dict[str, object] = field(default_factory=dict)
    timing_words: str = ""
    as_needed: bool = False
    held: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """An encounter from `since` to `until` days ago, still going on without an end. `place` is a location's key."""

    kind: Code
    class_: Code
    reason: str
    place: str
    attending: str
    since: float
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Draws:
    """Laboratory results: hours ago of each draw, and per test one value a draw, "-" where it was not asked for."""

    hours: tuple[float, ...]
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Vitals:
    """Vital signs from `days` to `until` days ago, every `every` hours, along a few points from oldest to newest."""

    days: float
    every: float
    temperature: str
    pulse: str
    systolic: str
    diastolic: str
    respiration: str
    saturation: str
    until: float = LATEST_VITALS


@dataclass(frozen=True, slots=True)
class Note:
    """A clinical note, `hours` ago."""

    code: Code
    author: str
    hours: float
    words: str


@dataclass(frozen=True, slots=True)
class Story:
    """One made-up patient. `key` names them among the demo's data only."""

    key: str
    family: str
    given: tuple[str, ...]
    prefix: str
    gender: str
    birth_date: str
    mrn: str
    phone: str
    street: str
    nickname: str = ""
    weight: str = ""
    plan: str = ""
    problems: tuple[Problem, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    medications: tuple[Medication, ...] = ()
    stays: tuple[Stay, ...] = ()
    draws: tuple[Draws, ...] = ()
    vitals: tuple[Vitals, ...] = ()
    procedures: tuple[tuple[Code, float], ...] = ()
    immunizations: tuple[tuple[Code, float], ...] = ()
    notes: tuple[Note, ...] = ()

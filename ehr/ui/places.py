"""What the apps add to the frame: places in the rail, the one search of the command field, and where a chart opens."""

from dataclasses import dataclass
from typing import Protocol

from django.urls import reverse


class Holder(Protocol):
    """Whoever looks at a page, as far as the frame must know."""

    @property
    def name(self) -> str: ...

    def may(self, permission: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go from anywhere. Shown to those who hold `permission`."""

    label: str
    url_name: str
    icon: str
    permission: str


@dataclass(frozen=True, slots=True)
class Search:
    """What the command field asks: a GET of `url_name` with ``?q=``. Shown to those who hold `permission`."""

    label: str
    placeholder: str
    url_name: str
    permission: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The first page of a patient's chart: `url_name` takes the patient's id. Opens to those who hold `permission`."""

    url_name: str
    permission: str

    def url(self, patient_id: str) -> str:
        """Where this patient's chart opens."""
        return reverse(self.url_name, args=[patient_id])


rail: list[Place] = []
searches: list[Search] = []
charts: list[Chart] = []


def register_place(place: Place) -> None:
    """Called from an app's AppConfig.ready(), in the order the rail shows."""
    rail.append(place)


def register_search(search: Search) -> None:
    """Called from the AppConfig.ready() of the one app that finds patients."""
    if searches:
        raise ValueError("the command field has its search already")
    searches.append(search)


def register_chart(chart: Chart) -> None:
    """Called from the AppConfig.ready() of the one app that shows charts."""
    if charts:
        raise ValueError("a chart has its first page already")
    charts.append(chart)


def chart_of(person: Holder | None) -> Chart | None:
    """Where charts open for this person; None when they open none, or no app shows them."""
    return next((chart for chart in charts if person and person.may(chart.permission)), None)

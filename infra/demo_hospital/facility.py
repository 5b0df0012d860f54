"""Organizations, places and staff of a tenant."""

from dataclasses import dataclass
from typing import Any

from infra.demo_hospital import builders
from infra.demo_hospital.builders import Resource
from infra.demo_hospital.codes import Code, snomed
from infra.demo_hospital.site import Site

PHYSICIAN = snomed("309343006", "Physician")
NURSE = snomed("106292003", "Professional nurse")
PHARMACIST = snomed("46255001", "Pharmacist")
SURGEON = snomed("304292004", "Surgeon")
ANESTHESIOLOGIST = snomed("88189002", "Anesthesiologist")
RADIOLOGIST = snomed("66862007", "Radiologist")


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the staff; `suffix` is the credential shown after the name."""

    key: str
    given: str
    family: str
    suffix: str
    role: Code
    npi: str

    @property
    def signed(self) -> str:
        """As staff are shown: "L. Sørensen, MD"."""
        return f"{self.given[0]}. {self.family}, {self.suffix}"


@dataclass(frozen=True, slots=True)
class Place:
    """A ward or a bed in it. `name` is how its full place reads: "6 West B04"."""

    key: str
    name: str
    part_of: str = ""

    @property
    def physical(self) -> tuple[str, str]:
        """Its code of location-physical-type."""
        return ("bd", "Bed") if self.part_of else ("wa", "Ward")


@dataclass(frozen=True, slots=True)
class Facility:
    """A hospital or clinic with its insurers, places and staff."""

    name: str
    street: str
    city: str
    state: str
    postal_code: str
    telephone: str
    mrn_system: str
    payers: tuple[str, ...]
    places: tuple[Place, ...]
    staff: tuple[Person, ...]

    def person(self, key: str) -> Person:
        """The member of the staff that `key` names."""
        return next(person for person in self.staff if person.key == key)

    def place(self, key: str) -> Place:
        """The place that `key` names."""
        return next(place for place in self.places if place.key == key)


HOSPITAL = "hospital"  # the key of a tenant's own organization


def facility_resources(site: Site, facility: Facility) -> list[Resource]:
    """The organizations first, then what belongs to them."""
    own = site.refer("Organization", HOSPITAL, facility.name)
    home = builders.address(facility.street, facility.city, facility.state, facility.postal_code) | {"use": "work"}
    hospital = builders.organization(
        site.id("Organization", HOSPITAL), name=facility.name, kind="prov", kind_display="Healthcare Provider",
        telecom=[builders.phone(facility.telephone, "work")], address=[home],
    )  # fmt: skip
    payers = [
        builders.organization(site.id("Organization", payer), name=payer, kind="pay", kind_display="Payer")
        for payer in facility.payers
    ]
    places = [_place(site, own, facility, place) for place in facility.places]
    staff = [item for person in facility.staff for item in _person(site, own, facility, person)]
    return [hospital, *payers, *places, *staff]


def _place(site: Site, own: dict[str, Any], facility: Facility, place: Place) -> Resource:
    physical, display = place.physical
    parent = facility.place(place.part_of) if place.part_of else None
    return builders.location(
        site.id("Location", place.key), name=place.name, physical=physical, physical_display=display, organization=own,
        partOf=site.refer("Location", parent.key, parent.name) if parent else None,
    )  # fmt: skip


def _person(site: Site, own: dict[str, Any], facility: Facility, person: Person) -> list[Resource]:
    name = builders.human_name(person.family, [person.given], suffix=person.suffix)
    return [
        builders.practitioner(site.id("Practitioner", person.key), npi=person.npi, name=name),
        builders.practitioner_role(
            site.id("PractitionerRole", person.key), organization=own, code=person.role, telephone=facility.telephone,
            practitioner=site.refer("Practitioner", person.key, person.signed),
        ),
    ]  # fmt: skip

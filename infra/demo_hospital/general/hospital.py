"""Parkersburg General Hospital: its wards, beds and staff."""

from infra.demo_hospital import facility
from infra.demo_hospital.facility import Facility, Person, Place

FACILITY = Facility(
    name="Parkersburg General Hospital",
    street="400 River Road",
    city="Parkersburg",
    state="WV",
    postal_code="26101",
    telephone="(304) 555-0100",
    mrn_system="https://parkersburg-general.example/mrn",
    payers=("Mountain State Health", "Medicare"),
    places=(
        Place("6w", "6 West"),
        Place("6w-a02", "6 West A02", "6w"),
        Place("6w-a03", "6 West A03", "6w"),
        Place("6w-a05", "6 West A05", "6w"),
        Place("6w-b03", "6 West B03", "6w"),
        Place("6w-b04", "6 West B04", "6w"),
        Place("6w-c02", "6 West C02", "6w"),
        Place("6w-s2", "6 West S2", "6w"),
        Place("6w-s6", "6 West S6", "6w"),
        Place("5e", "5 East"),
        Place("5e-12", "5 East 12", "5e"),
        Place("5e-14", "5 East 14", "5e"),
        Place("ed", "Emergency"),
        Place("ed-7", "Emergency 7", "ed"),
        Place("clinic", "Medical clinic"),
    ),
    staff=(
        Person("sorensen", "Liv", "Sørensen", "MD", facility.PHYSICIAN, "1003000126"),
        Person("abara", "Jude", "Abara", "MD", facility.PHYSICIAN, "1003000134"),
        Person("holm", "Astrid", "Holm", "MD", facility.SURGEON, "1003000142"),
        Person("ferreira", "Rui", "Ferreira", "MD", facility.ANESTHESIOLOGIST, "1003000159"),
        Person("iyer", "Anand", "Iyer", "MD", facility.RADIOLOGIST, "1003000167"),
        Person("menon", "Rekha", "Menon", "RN", facility.NURSE, "1003000175"),
        Person("park", "Daniel", "Park", "PharmD", facility.PHARMACIST, "1003000183"),
    ),
)

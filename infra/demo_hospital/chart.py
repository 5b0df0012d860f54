"""A story told as FHIR resources."""

from typing import Any

from infra.demo_hospital import builders
from infra.demo_hospital.builders import Resource
from infra.demo_hospital.facility import HOSPITAL, Facility
from infra.demo_hospital.measurements import laboratory_resources, vital_resources, weight_resource
from infra.demo_hospital.site import Site
from infra.demo_hospital.stories import Allergy, Medication, Note, Problem, Stay, Story


def chart_resources(site: Site, facility: Facility, story: Story) -> list[Resource]:
    """Everything about one patient."""
    chart = Chart(site, facility, story)
    return [
        chart.patient(),
        *chart.encounters(),
        *(chart.problem(number, problem) for number, problem in enumerate(story.problems)),
        *(chart.allergy(number, allergy) for number, allergy in enumerate(story.allergies)),
        *(chart.medication(number, medication) for number, medication in enumerate(story.medications)),
        *laboratory_resources(site, story, chart.subject, chart.encounter_at),
        *vital_resources(site, story, chart.subject, chart.encounter_at),
        *weight_resource(site, story, chart.subject, chart.encounter_at),
        *chart.procedures(),
        *chart.immunizations(),
        *(chart.note(number, note) for number, note in enumerate(story.notes)),
        *chart.coverages(),
    ]


class Chart:
    """Turns the parts of one story into resources that refer to each other."""

    def __init__(self, site: Site, facility: Facility, story: Story) -> None:
        self.site, self.facility, self.story = site, facility, story
        self.subject = site.refer("Patient", story.key, f"{story.given[0]} {story.family}")

    def id(self, type_: str, key: object) -> str:
        """The id of this patient's resource that `key` names."""
        return self.site.id(type_, f"{self.story.key}/{key}")

    def encounter_at(self, hours: float) -> dict[str, Any] | None:
        """The encounter in which something happened that many hours ago, None between encounters."""
        for number, stay in enumerate(self.story.stays):
            if stay.since * 24 >= hours and (stay.until is None or stay.until * 24 <= hours):
                return self.site.refer("Encounter", f"{self.story.key}/{number}")
        return None

    def staff(self, key: str) -> dict[str, Any]:
        """A Reference to a member of the staff."""
        return self.site.refer("Practitioner", key, self.facility.person(key).signed)

    def patient(self) -> Resource:
        story = self.story
        names = [builders.human_name(story.family, story.given, prefix=story.prefix)]
        if story.nickname:
            names.append({"use": "nickname", "given": [story.nickname]})
        facility = self.facility
        return builders.patient(
            self.site.id("Patient", story.key), mrn=story.mrn, mrn_system=facility.mrn_system, names=names,
            birth_date=story.birth_date, gender=story.gender, telecom=[builders.phone(story.phone)],
            address=[builders.address(story.street, facility.city, facility.state, facility.postal_code)],
            managingOrganization=self.site.refer("Organization", HOSPITAL, facility.name),
        )  # fmt: skip

    def encounters(self) -> list[Resource]:
        return [self._encounter(number, stay) for number, stay in enumerate(self.story.stays)]

    def _encounter(self, number: int, stay: Stay) -> Resource:
        site, place = self.site, self.facility.place(stay.place)
        end = "" if stay.until is None else site.at(24 * stay.until)
        attending = builders.coded("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "ATND", "attender")
        return builders.encounter(
            self.id("Encounter", number), subject=self.subject, status="finished" if end else "in-progress",
            class_=stay.class_, kind=stay.kind, when=builders.period(site.at(24 * stay.since), end),
            participant=[{"type": [attending], "individual": self.staff(stay.attending)}],
            reasonCode=[{"text": stay.reason}],
            location=[{
                "location": site.refer("Location", place.key, place.name),
                "status": "completed" if end else "active",
            }],
            serviceProvider=site.refer("Organization", HOSPITAL, self.facility.name),
        )  # fmt: skip

    def problem(self, number: int, problem: Problem) -> Resource:
        since = problem.since
        onset = since if isinstance(since, str) else self.site.day(since)
        return builders.condition(
            self.id("Condition", number), subject=self.subject, code=builders.concept(problem.code, text=problem.words),
            clinical="resolved" if problem.resolved else "active", onsetDateTime=onset,
            encounter=None if isinstance(since, str) else self.encounter_at(24 * since),
        )  # fmt: skip

    def allergy(self, number: int, allergy: Allergy) -> Resource:
        reaction = None
        if allergy.reaction is not None:
            manifestation = builders.concept(allergy.reaction, text=allergy.reaction_words)
            reaction = [builders.present(manifestation=[manifestation], severity=allergy.severity)]
        return builders.allergy(
            self.id("AllergyIntolerance", number), patient=self.subject,
            code=builders.concept(allergy.code, text=allergy.words), verification=allergy.verification,
            category=[allergy.category] if allergy.category else None, reaction=reaction,
            criticality="high" if allergy.severity == "severe" else None,
            type="allergy" if reaction else None,
        )  # fmt: skip

    def medication(self, number: int, medication: Medication) -> Resource:
        given = builders.present(
            doseQuantity=builders.quantity(*medication.dose) if medication.dose else None,
            rateQuantity=builders.quantity(*medication.rate) if medication.rate else None,
        )
        timing = builders.present(
            repeat=medication.repeat, code={"text": medication.timing_words} if medication.timing_words else None
        )
        instruction = builders.present(
            timing=timing, asNeededBoolean=medication.as_needed or None, doseAndRate=[given] if given else None,
            route=builders.concept(medication.route, text=medication.route_words),
        )  # fmt: skip
        attending = self.story.stays[0].attending
        return builders.medication_request(
            self.id("MedicationRequest", number), subject=self.subject,
            status="on-hold" if medication.held else "active",
            medication=builders.concept(medication.code, text=medication.words),
            authored_on=self.site.at(24 * medication.since), requester=self.staff(attending),
            encounter=self.encounter_at(24 * medication.since), dosageInstruction=[instruction],
            statusReason={"text": medication.held} if medication.held else None,
        )  # fmt: skip

    def procedures(self) -> list[Resource]:
        return [
            builders.procedure(
                self.id("Procedure", number), subject=self.subject, code=code, performed=self.site.at(24 * days),
                encounter=self.encounter_at(24 * days),
            )
            for number, (code, days) in enumerate(self.story.procedures)
        ]  # fmt: skip

    def immunizations(self) -> list[Resource]:
        return [
            builders.immunization(
                self.id("Immunization", number), patient=self.subject, vaccine=vaccine, occurrence=self.site.day(days)
            )
            for number, (vaccine, days) in enumerate(self.story.immunizations)
        ]

    def note(self, number: int, note: Note) -> Resource:
        encounter = self.encounter_at(note.hours)
        return builders.note(
            self.id("DocumentReference", number), subject=self.subject, code=note.code, words=note.words,
            date=self.site.instant(note.hours), author=self.staff(note.author),
            context={"encounter": [encounter]} if encounter else None,
        )  # fmt: skip

    def coverages(self) -> list[Resource]:
        payer, _, plan = self.story.plan.partition(": ")
        if not plan:
            return []
        return [
            builders.coverage(
                self.id("Coverage", payer), beneficiary=self.subject,
                payor=self.site.refer("Organization", payer, payer),
                subscriber_id=f"{payer[:3].upper()}{self.story.mrn.replace(' ', '')}", plan=plan,
                start=f"{self.site.moment.year - 1}-01-01",
            )
        ]  # fmt: skip

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "ehr.administration"
    label = "administration"
    verbose_name = "Administration"

    def ready(self) -> None:
        from ehr.access.patients import register_loader  # noqa: PLC0415 - models are loaded only now
        from ehr.administration.owners import OWNERS  # noqa: PLC0415 - as above
        from ehr.administration.selectors.chart import patient_by_id  # noqa: PLC0415 - as above
        from ehr.fhir.registry import register  # noqa: PLC0415 - as above
        from ehr.ui import places  # noqa: PLC0415 - as above

        for owner in OWNERS:
            register(owner)
        register_loader(patient_by_id)
        places.register_place(places.Place("Patients", "administration:patients", "patients", "administration.search"))
        places.register_search(
            places.Search(
                label="Find a patient by name, record number, birth date or phone",
                placeholder="Find a patient: name, MRN, birth date, phone",
                url_name="administration:patients",
                permission="administration.search",
            )
        )

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "ehr.administration"
    label = "administration"
    verbose_name = "Administration"

    def ready(self) -> None:
        from ehr.access.patients import register_loader
        from ehr.administration.owners import OWNERS
        from ehr.administration.selectors.chart import patient_by_id
        from ehr.fhir.registry import register
        from ehr.ui import places

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

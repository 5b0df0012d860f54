"""What is valid FHIR but far out still fits into the columns, their indexes and the search index."""

from decimal import Decimal
from typing import Any

import pytest

from ehr.fhir.verification import Tally, verify
from ehr.record.models import Observation
from tests import factories

pytestmark = pytest.mark.usefixtures("db")

BARE: dict[str, Any] = {"meta": None, "effectiveDateTime": None, "valueQuantity": None}


@pytest.mark.parametrize(
    "elements",
    [
        {"code": {"coding": [{"system": "urn:" + "s" * 5000, "code": "c" * 9000}]}},
        {"effectiveDateTime": "9999-12-31"},
        {"effectiveDateTime": "0001-01-01T00:00:00+14:00"},
        {"effectivePeriod": {"end": "9999"}},
        {"valueQuantity": {"value": Decimal("1E+200"), "unit": "u" * 5000}},
        {"valueString": "v" * 100_000},
        {"component": [{"code": {"text": "x"}, "valueInteger": 5}, {"code": {"text": "y"}, "valueString": 'a"{},b\\'}]},
        {"component": [{"code": {"text": "x"}}]},
    ],
)
def test_an_extreme_observation_is_stored_whole(elements: dict[str, Any]) -> None:
    patient = factories.patient()
    factories.put(patient, factories.observation(patient, **(BARE | elements)))
    assert Observation.objects.filter(patient__fhir_id=patient["id"]).count() == 1
    assert list(verify(Tally())) == []


def test_an_extreme_patient_is_stored_whole() -> None:
    patient = factories.patient(
        name=[{"family": "A" * 3000, "given": ["b" * 4000] * 3}],
        identifier=[{"system": "urn:x", "value": "x y" * 2000}],
        birthDate=None,
        deceasedDateTime="0001-01-01T00:00:00+14:00",
        meta=None,
    )
    factories.put(patient)
    assert list(verify(Tally())) == []

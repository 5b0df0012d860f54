"""Parkersburg General Hospital: a dozen patients on two wards, in the emergency department and in the clinic."""

from infra.demo_hospital.general.elsewhere import HARRIS_JOAN, HARRIS_JOHN, PEREIRA, WEBER
from infra.demo_hospital.general.hospital import FACILITY
from infra.demo_hospital.general.six_west import ADEYEMI, KOWALCZYK, LINDQVIST, MBEKI, MORALES, NGUYEN, OKAFOR, WILLIAMS

STORIES = (
    OKAFOR,
    LINDQVIST,
    NGUYEN,
    KOWALCZYK,
    WEBER,
    MBEKI,
    MORALES,
    ADEYEMI,
    HARRIS_JOAN,
    HARRIS_JOHN,
    WILLIAMS,
    PEREIRA,
)
PORTAL_PATIENT = PEREIRA

__all__ = ["FACILITY", "LINDQVIST", "OKAFOR", "PEREIRA", "PORTAL_PATIENT", "STORIES", "WEBER", "WILLIAMS"]

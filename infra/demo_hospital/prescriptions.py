"""Orders as the demo's charts write them again and again."""

from infra.demo_hospital.codes import INHALED, INTRAVENOUS, ORAL, SUBCUTANEOUS, Code, rxnorm
from infra.demo_hospital.stories import Medication

DAILY: dict[str, object] = {"frequency": 1, "period": 1, "periodUnit": "d"}
TWICE_DAILY: dict[str, object] = {"frequency": 2, "period": 1, "periodUnit": "d"}
AT_BEDTIME: dict[str, object] = {"when": ["HS"]}

INGREDIENTS = {
    "acetaminophen": "161",
    "albuterol": "435",
    "amlodipine": "17767",
    "apixaban": "1364430",
    "aspirin": "1191",
    "atorvastatin": "83367",
    "cephalexin": "2231",
    "clopidogrel": "32968",
    "donepezil": "135447",
    "ferrous sulfate": "24947",
    "furosemide": "4603",
    "heparin": "5224",
    "insulin glargine": "274783",
    "insulin lispro": "86009",
    "levothyroxine": "10582",
    "lisinopril": "29046",
    "metformin": "6809",
    "metoprolol": "6918",
    "morphine": "7052",
    "nitroglycerin": "4917",
    "oseltamivir": "260101",
    "pantoprazole": "40790",
    "sodium chloride 0.9%": "9863",
    "tiotropium": "69120",
    "trimethoprim + sulfamethoxazole": "10831",
    "vancomycin": "11124",
}


def every(hours: int) -> dict[str, object]:
    """Timing.repeat of "every 8 hours"."""
    return {"frequency": 1, "period": hours, "periodUnit": "h"}


def oral(
    drug: str, dose: tuple[str, str, str], repeat: dict[str, object], since: float, *, held: str = "", prn: bool = False
) -> Medication:
    """A medicine by mouth."""
    return Medication(_code(drug), drug, ORAL, "oral", since, dose, repeat=repeat, held=held, as_needed=prn)


def injected(drug: str, dose: tuple[str, str, str], repeat: dict[str, object], since: float) -> Medication:
    """A medicine under the skin."""
    return Medication(_code(drug), drug, SUBCUTANEOUS, "subcutaneous", since, dose, repeat=repeat)


def infused(drug: str, dose: tuple[str, str, str], repeat: dict[str, object], since: float) -> Medication:
    """A medicine into a vein, by the dose."""
    return Medication(_code(drug), drug, INTRAVENOUS, "intravenous", since, dose, repeat=repeat)


def running(drug: str, rate: tuple[str, str, str], since: float) -> Medication:
    """An infusion that runs all the time."""
    return Medication(_code(drug), drug, INTRAVENOUS, "intravenous", since, rate=rate, timing_words="continuous")


def inhaled(
    drug: str, dose: tuple[str, str, str], repeat: dict[str, object], since: float, *, prn: bool = False
) -> Medication:
    """A medicine to breathe in."""
    return Medication(_code(drug), drug, INHALED, "inhaled", since, dose, repeat=repeat, as_needed=prn)


def sliding_scale(drug: str, since: float) -> Medication:
    """Insulin by the glucose before each meal."""
    return Medication(
        _code(drug), drug, SUBCUTANEOUS, "subcutaneous", since, timing_words="with meals, by sliding scale"
    )


def mg(value: str) -> tuple[str, str, str]:
    """A dose in milligrams."""
    return value, "mg", "mg"


def units(value: str) -> tuple[str, str, str]:
    """A dose in international units."""
    return value, "units", "[iU]"


def tablets(value: str) -> tuple[str, str, str]:
    """A dose in tablets, for combinations."""
    return value, "tablet", "{tbl}"


def puffs(value: str) -> tuple[str, str, str]:
    """A dose in puffs of an inhaler."""
    return value, "puffs", "{puff}"


def _code(drug: str) -> Code:
    return rxnorm(INGREDIENTS[drug], drug)

"""Words of terminologies as people read them: without what only a machine needs."""

import re
from dataclasses import dataclass

_TAGS = (
    "disorder", "finding", "situation", "procedure", "regime/therapy", "event", "observable entity", "qualifier value",
    "morphologic abnormality", "body structure", "organism", "substance", "product", "physical object", "person",
)  # fmt: skip
_SEMANTIC_TAG = re.compile(rf" \((?:{'|'.join(_TAGS)})\)$")
_UNITS = {
    "MG": "mg",
    "ML": "mL",
    "MCG": "microgram",
    "GM": "g",
    "MEQ": "mEq",
    "HR": "hour",
    "UNT": "unit",
    "ACTUAT": "dose",
}
_UNIT = re.compile(r"(?<![A-Za-z])(" + "|".join(_UNITS) + r")(?![A-Za-z])")
_BRAND = re.compile(r"\[([^\]]+)\]")
_STRENGTH = re.compile(r"\s(?=\d)")


def plain_term(display: str) -> str:
    """A SNOMED CT name without its semantic tag: "Hypertension (disorder)" gives "Hypertension"."""
    return _SEMANTIC_TAG.sub("", display)


def allergen(display: str) -> str:
    """What the allergy is to: "Allergy to peanuts (finding)" gives "Peanuts"."""
    plain = plain_term(display)
    name = plain.removeprefix("Allergy to ")
    return name if name == plain else name[:1].upper() + name[1:]


@dataclass(frozen=True, slots=True)
class DrugName:
    """A drug's name (NHS CUI medication line): generic in lower case, strength and form, brand in capitals."""

    generic: str
    form: str = ""
    brand: str = ""


def drug_name(display: str) -> DrugName:
    """The parts of a name as prescribers and RxNorm write it: "Naproxen sodium 220 MG Oral Tablet [Aleve]".

    The generic is what stands before the first strength. A name that begins with a number stays whole. No word is lost.
    """
    brands = _BRAND.findall(display)
    name = " ".join(_BRAND.sub(" ", display).split()) or display
    generic, *form = _STRENGTH.split(name, maxsplit=1)
    return DrugName(
        generic=_lower_words(generic),
        form=_lower_words(_UNIT.sub(lambda match: _UNITS[match.group()], form[0])) if form else "",
        brand=" ".join(brand.upper() for brand in brands),
    )


def _lower_words(text: str) -> str:
    """Sentence case undone: "Oral Tablet" gives "oral tablet"; words with capitals inside (metFORMIN, mL, NPH) stay."""
    return " ".join(word.lower() if word[1:].islower() or len(word) == 1 else word for word in text.split(" "))

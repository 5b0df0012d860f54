"""Names, identifiers, telephone numbers and addresses as people know them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ehr.fhir.elements import NOTHING, Element, element, elements, has_coding, text, texts
from ehr.lib.text import compact_words, searchable_words

IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
NPI = "http://hl7.org/fhir/sid/us-npi"

_BY_USE = ("official", "usual", "", "temp", "anonymous", "nickname", "old", "maiden")


@dataclass(frozen=True, slots=True)
class Name:
    """A HumanName taken apart; `given` holds all given names, `whole` the name when it came as text only."""

    family: str = ""
    given: str = ""
    prefix: str = ""
    suffix: str = ""
    whole: str = ""

    @property
    def listed(self) -> str:
        """As lists and banners show it: "OKAFOR, Margaret Adaeze"."""
        return ", ".join(filter(None, (self.family.upper(), self.given))) or self.whole

    @property
    def signed(self) -> str:
        """As staff are shown: "L. Sørensen, MD"."""
        initial = f"{self.given[0]}." if self.given else ""
        return ", ".join(filter(None, (" ".join(filter(None, (initial, self.family))), self.suffix))) or self.whole


def best_name(names: Any) -> Name:
    """The name to show: the official one before the usual one; a former name only when there is no other."""
    return _name(min(elements(names), key=_rank, default=NOTHING))


def nickname(names: Any, shown: Name) -> str:
    """What the person likes to be called: a nickname, or a usual name that differs from the one shown."""
    for use in ("nickname", "usual"):
        for name in elements(names):
            called = _name(name).given or text(name.get("text"))
            if name.get("use") == use and called and called != shown.given:
                return called
    return ""


def _rank(name: Element) -> int:
    use = text(name.get("use"))
    return _BY_USE.index(use) if use in _BY_USE else len(_BY_USE)


def _name(name: Element) -> Name:
    return Name(
        text(name.get("family")),
        " ".join(texts(name.get("given"))),
        " ".join(texts(name.get("prefix"))),
        ", ".join(texts(name.get("suffix"))),
        text(name.get("text")),
    )


def identifier_of_system(identifiers: Any, system: str) -> str:
    """The value of the first identifier in this system."""
    return next((text(i.get("value")) for i in elements(identifiers) if i.get("system") == system), "")


def medical_record_number(identifiers: Any) -> str:
    """The value of the first identifier of type MR that is still in use, else of the first one meant for usual use."""
    in_use = [i for i in elements(identifiers) if i.get("use") != "old" and text(i.get("value"))]
    of_type = [i for i in in_use if has_coding(i.get("type"), IDENTIFIER_TYPE, "MR")]
    usual = [i for i in in_use if i.get("use") == "usual"]
    return next((text(i["value"]) for i in (*of_type, *usual)), "")


def phone(telecoms: Any) -> str:
    """The telephone number to call first: by rank, then in the order of the resource."""
    usable = [t for t in _phones(telecoms) if t.get("use") != "old"]
    return text(min(usable, key=_preference, default=NOTHING).get("value"))


def _phones(telecoms: Any) -> list[Element]:
    return [t for t in elements(telecoms) if t.get("system") in ("phone", "sms") and text(t.get("value"))]


def _preference(telecom: Element) -> int:
    rank = telecom.get("rank")
    return rank if isinstance(rank, int) else 1 << 31


def digits(number: str) -> str:
    """Only the digits: "(304) 555-0117" gives "3045550117"."""
    return "".join(re.findall(r"\d", number))


def address(addresses: Any) -> str:
    """The home address, else the first, on one line: "12 Elm Street, Parkersburg, WV 26101"."""
    found = elements(addresses)
    chosen = next((a for a in found if a.get("use") == "home"), found[0] if found else NOTHING)
    town = " ".join(filter(None, (text(chosen.get("state")), text(chosen.get("postalCode")))))
    parts = (*texts(chosen.get("line")), text(chosen.get("city")), town, text(chosen.get("country")))
    return ", ".join(filter(None, parts)) or text(chosen.get("text"))


def search_text(resource: Element) -> str:
    """Every word by which a person is found, folded, each after a space: names, identifiers, birth date, phones."""
    words = dict.fromkeys(
        (
            *_name_words(resource.get("name")),
            *_identifier_words(resource.get("identifier")),
            *_date_words(text(resource.get("birthDate"))),
            *_phone_words(resource.get("telecom")),
        )
    )
    return "".join(f" {word}" for word in words)


def _name_words(names: Any) -> Iterable[str]:
    for name in elements(names):
        for part in (text(name.get("family")), *texts(name.get("given")), text(name.get("text"))):
            yield from searchable_words(part)


def _identifier_words(identifiers: Any) -> Iterable[str]:
    for identifier in elements(identifiers):
        value = text(identifier.get("value"))
        yield from filter(None, ["".join(compact_words(value))])
        yield from searchable_words(value)


def _date_words(date: str) -> Iterable[str]:
    return (date, date.replace("-", "")) if date else ()


def _phone_words(telecoms: Any) -> Iterable[str]:
    """A number from each of its groups on: "(304) 555-0117" is found by 304, by 555 and by 0117."""
    for telecom in _phones(telecoms):
        groups = re.findall(r"\d+", text(telecom.get("value")))
        yield from ("".join(groups[start:]) for start in range(len(groups)))


def active(resource: Element) -> bool:
    """Whether the record is in use: FHIR takes it to be, unless it says otherwise."""
    return resource.get("active") is not False


def display(reference: Any) -> str:
    """The words of a Reference."""
    return text(element(reference).get("display"))

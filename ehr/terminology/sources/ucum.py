"""The units that UCUM names, from the table (ucum-essence.xml) that the package ucumvert carries.

UCUM codes are built from these by a grammar, so they are a fragment; ehr.lib.ucum tells what any code means.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from importlib.resources import files

from ehr.terminology.releases import Release, ReleasedConcept
from ehr.terminology.systems import UCUM

_NAMESPACE = "{http://unitsofmeasure.org/ucum-essence}"


def ucum_release() -> Release:
    """The release that the installed package carries."""
    table = files("ucumvert.vendor").joinpath("ucum-essence.xml").read_bytes()
    # The package's own file, not a client's: expansion attacks are no concern here.
    root = ET.fromstring(table)  # noqa: S314 - see above
    return Release(UCUM.in_part(root.attrib["version"]), sha256(table).hexdigest(), partial(_concepts, root))


def _concepts(root: ET.Element) -> Iterator[ReleasedConcept]:
    for kind in ("base-unit", "unit"):
        for unit in root.iter(_NAMESPACE + kind):
            name, *others = ("".join(element.itertext()).strip() for element in unit.iter(f"{_NAMESPACE}name"))
            symbols = ("".join(element.itertext()).strip() for element in unit.iter(f"{_NAMESPACE}printSymbol"))
            words = (*others, *symbols, *(element.text or "" for element in unit.iter(f"{_NAMESPACE}property")))
            yield ReleasedConcept(unit.attrib["Code"], name, tuple(word for word in words if word))

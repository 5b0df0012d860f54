"""Profiles as compiled: only what they ask beyond their base type, in the versions that the package carries."""

from pathlib import Path

import pytest
from msgspec.structs import astuple

from ehr.fhir.definitions import artefact
from ehr.fhir.definitions import profiles as module
from ehr.fhir.definitions.profiles import US_CORE, profiles


def test_us_core_is_held_in_the_versions_that_the_package_carries() -> None:
    held = {
        url.removeprefix(US_CORE): one.version for url, one in profiles().profiles.items() if url.startswith(US_CORE)
    }
    assert held == {
        "us-core-birthsex": "5.0.1",
        "us-core-blood-pressure": "5.0.1",
        "us-core-ethnicity": "5.0.1",
        "us-core-genderIdentity": "5.0.1",
        "us-core-implantable-device": "5.0.1",
        "us-core-medicationrequest": "5.0.1",
        "us-core-patient": "5.0.1",
        "us-core-race": "5.0.1",
        "us-core-smokingstatus": "7.0.0",
    }


def test_the_profiles_of_r4_itself_are_held() -> None:
    core = [
        one for url, one in profiles().profiles.items() if url.startswith("http://hl7.org/fhir/StructureDefinition/")
    ]
    assert len(core) == 44
    assert {one.version for one in core} == {"4.0.1"}


def test_only_what_the_base_does_not_ask_is_kept() -> None:
    root = profiles().profiles[US_CORE + "us-core-patient"].root
    assert [child.name for child in root.children] == ["extension", "identifier", "name", "telecom", "gender"]
    assert [rule.key for rule in root.invariants] == ["us-core-6"]
    gender = root.child("gender")
    assert gender is not None
    assert astuple(gender) == ("gender", 1, 1, (), (), (), None, None, None, (), None, ())


def test_slices_of_extensions_lead_to_their_profiles() -> None:
    extension = profiles().profiles[US_CORE + "us-core-patient"].root.child("extension")
    assert extension is not None
    assert extension.slicing is not None
    assert extension.slicing.discriminators == (("value", "url"),)
    assert [(name, one.profiles) for name, one in extension.slicing.slices] == [
        ("race", (US_CORE + "us-core-race",)),
        ("ethnicity", (US_CORE + "us-core-ethnicity",)),
        ("birthsex", (US_CORE + "us-core-birthsex",)),
        ("genderIdentity", (US_CORE + "us-core-genderIdentity",)),
    ]


def test_a_profile_knows_the_profiles_it_is_derived_from() -> None:
    held = profiles().profiles
    assert held["http://hl7.org/fhir/StructureDefinition/bp"].ancestors == (
        "http://hl7.org/fhir/StructureDefinition/vitalsigns",
    )
    assert held[US_CORE + "us-core-patient"].ancestors == ()
    assert held[US_CORE + "us-core-patient"].label == "us-core-patient|5.0.1"


def test_a_missing_artefact_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    profiles.cache_clear()
    monkeypatch.setattr(module, "PROFILES_FILE", tmp_path / "profiles.msgpack")
    with pytest.raises(artefact.DefinitionsMissing, match=r"run \./run manage compile_definitions"):
        profiles()

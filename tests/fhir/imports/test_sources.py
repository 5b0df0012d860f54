"""In which order files are read, and which side by side."""

from pathlib import Path

from ehr.fhir.imports.sources import ORDER, SourceFile, find, ready


def file(name: str, first_type: str) -> SourceFile:
    return SourceFile(Path(name), ORDER.index(first_type))


ORGANIZATIONS, PRACTITIONERS = file("common/o.json", "Organization"), file("common/p.json", "Practitioner")
BUNDLES = [file(f"charts/{number}.json", "Patient") for number in range(3)]
PATIENTS, ENCOUNTERS = file("bulk/Patient.ndjson", "Patient"), file("bulk/Encounter.ndjson", "Encounter")
CONDITIONS = file("bulk/Condition.ndjson", "Condition")
ALL = [ORGANIZATIONS, PRACTITIONERS, *BUNDLES, PATIENTS, ENCOUNTERS, CONDITIONS]


def test_everything_waits_for_what_is_not_about_patients() -> None:
    assert ready(ALL, [], 4) == [ORGANIZATIONS]
    assert ready(ALL[1:], [ORGANIZATIONS], 4) == []
    assert ready(ALL[1:], [], 4) == [PRACTITIONERS]
    assert ready(ALL[2:], [PRACTITIONERS], 4) == []


def test_a_file_waits_for_lower_ranks_of_its_folder_only() -> None:
    assert ready(ALL[2:], [], 4) == [*BUNDLES, PATIENTS]
    assert ready([*BUNDLES, ENCOUNTERS, CONDITIONS], [PATIENTS], 5) == BUNDLES
    assert ready([*BUNDLES, ENCOUNTERS, CONDITIONS], [], 2) == [ENCOUNTERS, BUNDLES[0]]
    assert ready([BUNDLES[2], CONDITIONS], [*BUNDLES[:1], ENCOUNTERS], 4) == [BUNDLES[2]]


def test_no_more_than_there_are_places_for() -> None:
    assert ready(BUNDLES[1:], BUNDLES[:1], 2) == BUNDLES[1:2]
    assert ready(BUNDLES[2:], BUNDLES[:2], 2) == []


def test_of_one_rank_the_largest_is_read_first(tmp_path: Path) -> None:
    for name, padding in (("a", 10), ("b", 1_000), ("c", 100)):
        (tmp_path / f"{name}.json").write_text('{"resourceType": "Patient"}' + " " * padding)
    (tmp_path / "d.json").write_text('{"resourceType": "Organization"}')
    assert [found.path.stem for found in find([tmp_path])] == ["d", "b", "c", "a"]

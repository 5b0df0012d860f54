"""Releases in the publishers' formats, made up, whole and broken."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ehr.terminology.errors import UnreadableRelease
from ehr.terminology.models import CodeSystem, Concept
from ehr.terminology.releases import Release, ReleasedConcept
from ehr.terminology.sources.cvx import cvx_release
from ehr.terminology.sources.loinc import loinc_release
from ehr.terminology.sources.rxnorm import rxnorm_release
from ehr.terminology.sources.snomed import snomed_release
from ehr.terminology.sources.ucum import ucum_release

REAL_CVX = Path(__file__).parents[4] / "shared/inputs/terminology/cvx-ndc/cvx.xml"

CVX_TEXT = """\
03   |MMR|measles, mumps and rubella virus vaccine||Active|False|2010/05/28
54   |adenovirus, type 4|adenovirus vaccine, type 4, live, oral|none|Inactive|False|2010/05/28
"""
CVX_XML = """\
<?xml version="1.0"?>
<codeset><label>Vaccination CVX Code</label><type>VACCINATION_CVX_CODE</type>
<code><value>03</value><label>MMR</label><description>measles, mumps
  and rubella</description><code-status><status>Valid</status></code-status><concept-type>vaccine</concept-type></code>
<code><value>99</value><label>gone</label><description>gone</description><code-status><status>Valid</status></code-status>
<concept-type>never active</concept-type></code></codeset>
"""
LOINC = """\
"LOINC_NUM","COMPONENT","PROPERTY","LONG_COMMON_NAME","SHORTNAME","STATUS"
"2160-0","Creatinine","MCnc","Creatinine [Mass/volume] in Serum or Plasma","Creat SerPl-mCnc","ACTIVE"
"1-8","Old ""quoted"" test","MCnc","Old, gone","","DEPRECATED"
"""
RXNORM = """\
161|ENG|P|L1|PF|S1|Y|A1|161|161||RXNORM|IN|161|acetaminophen|0|N|4096|
161|ENG|S|L2|PF|S2|Y|A2|161|161||RXNORM|ET|161|paracetamol|0|N||
161|ENG|S|L2|PF|S3|Y|A3|161|161||DRUGBANK|IN|D1|Acetaminophen (another source)|0|N||
9|ENG|P|L4|PF|S4|Y|A4|9|9||RXNORM|IN|9|withdrawn drug|0|O||
"""
CONCEPT = "id\teffectiveTime\tactive\tmoduleId\tdefinitionStatusId\r\n"
DESCRIPTION = "id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId\r\n"
RELATIONSHIP = (
    "id\teffectiveTime\tactive\tmoduleId\tsourceId\tdestinationId\trelationshipGroup\ttypeId"
    "\tcharacteristicTypeId\tmodifierId\r\n"
)
FSN, SYNONYM, IS_A = "900000000000003001", "900000000000013009", "116680003"


def concept_row(id_: str, active: int) -> str:
    return f"{id_}\t20250901\t{active}\t9\t9\r\n"


def description_row(concept: str, type_: str, term: str, active: int = 1) -> str:
    return f"1\t20250901\t{active}\t9\t{concept}\ten\t{type_}\t{term}\t9\r\n"


def relationship_row(child: str, parent: str, type_: str, active: int = 1) -> str:
    return f"1\t20250901\t{active}\t9\t{child}\t{parent}\t0\t{type_}\t9\t9\r\n"


SNOMED = {
    "sct2_Concept_Snapshot_US1000124_20250901.txt": CONCEPT + concept_row("22", 1) + concept_row("21", 0),
    "sct2_Description_Snapshot-en_US1000124_20250901.txt": DESCRIPTION
    + description_row("22", FSN, "Sepsis (old name)", 0)
    + description_row("22", FSN, "Sepsis (disorder)")
    + description_row("22", SYNONYM, 'Blood "poisoning"')
    + description_row("22", SYNONYM, "Wrong word", 0)
    + description_row("21", FSN, "Fever (finding)"),
    "sct2_Relationship_Snapshot_US1000124_20250901.txt": RELATIONSHIP
    + relationship_row("22", "21", IS_A)
    + relationship_row("22", "20", IS_A, 0)
    + relationship_row("22", "19", "363698007"),
}


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def snapshot(folder: Path, **changed: str | bytes | None) -> Path:
    """A release's folder; `changed` maps Concept, Description or Relationship to other contents, None: no such file."""
    below = folder / "Snapshot" / "Terminology"
    below.mkdir(parents=True)
    for name, content in SNOMED.items():
        content_now = changed.get(name.split("_")[1], content)
        if content_now is not None:
            written(below / name, content_now)
    return folder


def test_cvx_text(tmp_path: Path) -> None:
    release = cvx_release(written(tmp_path / "cvx.txt", CVX_TEXT), "2026")
    assert list(release.read()) == [
        ReleasedConcept("03", "MMR", ("measles, mumps and rubella virus vaccine",)),
        ReleasedConcept("54", "adenovirus, type 4", ("adenovirus vaccine, type 4, live, oral",), active=False),
    ]


def test_cvx_xml(tmp_path: Path) -> None:
    release = cvx_release(written(tmp_path / "cvx.xml", CVX_XML), "")
    assert list(release.read()) == [
        ReleasedConcept("03", "MMR", ("measles, mumps and rubella",)),
        ReleasedConcept("99", "gone", active=False),
    ]


@pytest.mark.skipif(not REAL_CVX.exists(), reason=f"the CDC's file is not at {REAL_CVX}")
def test_the_real_cvx() -> None:
    concepts = list(cvx_release(REAL_CVX, "").read())
    assert (len(concepts), sum(concept.active for concept in concepts)) == (288, 268)
    assert [concept.display for concept in concepts if concept.code == "140"] == [
        "Influenza, seasonal, injectable, preservative free"
    ]


def test_loinc(tmp_path: Path) -> None:
    release = loinc_release(written(tmp_path / "LoincTableCore.csv", f"\ufeff{LOINC}"), "2.81")
    assert list(release.read()) == [
        ReleasedConcept("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", ("Creat SerPl-mCnc", "Creatinine")),
        ReleasedConcept("1-8", "Old, gone", ('Old "quoted" test',), active=False),
    ]
    assert (release.system.version, "loinc.org/license" in release.system.copyright) == ("2.81", True)


def test_rxnorm(tmp_path: Path) -> None:
    assert list(rxnorm_release(written(tmp_path / "RXNCONSO.RRF", RXNORM), "2026-11").read()) == [
        ReleasedConcept("161", "acetaminophen", ("paracetamol",)),
        ReleasedConcept("9", "withdrawn drug", active=False),
    ]


def test_snomed(tmp_path: Path) -> None:
    release = snomed_release(snapshot(tmp_path))
    expected = [
        ReleasedConcept("21", "Fever (finding)", active=False),
        ReleasedConcept("22", "Sepsis (disorder)", ('Blood "poisoning"',), ("21",)),
    ]
    assert (list(release.read()), list(release.read())) == (expected, expected)
    assert release.system.version == "20250901"


def test_ucum() -> None:
    concepts = {concept.code: concept for concept in ucum_release().read()}
    assert len(concepts) == 312
    assert (concepts["g"].display, concepts["[degF]"].display) == ("gram", "degree Fahrenheit")


Read = Callable[[Path], Release]
BROKEN: list[tuple[str, Read, str | bytes, str]] = [
    ("cvx.txt", lambda p: cvx_release(p, ""), CVX_TEXT[:-4], "cvx.txt, line 2: the file ends in the middle of a line"),
    ("cvx.txt", lambda p: cvx_release(p, ""), "03|MMR\n", "cvx.txt, line 1: it has 2 fields, not 7"),
    ("cvx.txt", lambda p: cvx_release(p, ""), CVX_TEXT.replace("Inactive", "Gone"),
     "cvx.txt, line 2: 'Gone' is no status of CVX"),
    ("cvx.txt", lambda p: cvx_release(p, ""), CVX_TEXT.replace("MMR", "MMRé").encode("latin-1"),
     "cvx.txt, line 1: it is not UTF-8"),
    ("cvx.xml", lambda p: cvx_release(p, ""), CVX_XML[:-12],
     "cvx.xml: it is not whole XML: unclosed token: line 6, column 41"),
    ("cvx.xml", lambda p: cvx_release(p, ""), CVX_XML.replace("VACCINATION_CVX_CODE", "MVX"),
     "cvx.xml: it is not the CVX code set"),
    ("l.csv", lambda p: loinc_release(p, "1"), LOINC.replace("LONG_COMMON_NAME", "NAME"),
     "l.csv, line 1: the header lacks LONG_COMMON_NAME"),
    ("l.csv", lambda p: loinc_release(p, "1"), LOINC.replace('"MCnc",', ""), "l.csv, line 2: it has 5 fields, not 6"),
    ("l.csv", lambda p: loinc_release(p, "1"), LOINC[: LOINC.index("Plasma")] + "\n",
     "l.csv, line 2: unexpected end of data"),
    ("l.csv", lambda p: loinc_release(p, "1"), LOINC.replace('"ACTIVE"', '"NEW"'),
     "l.csv, line 2: 'NEW' is no status of LOINC"),
    ("l.csv", lambda p: loinc_release(p, "1"), LOINC.encode("utf-16"), "l.csv, line 1: it is not UTF-8"),
    ("R.RRF", lambda p: rxnorm_release(p, "1"), RXNORM[:-20] + "\n", "R.RRF, line 4: it has 15 fields, not 19"),
    ("R.RRF", lambda p: rxnorm_release(p, "1"), RXNORM.replace("|O|", "|?|"),
     "R.RRF, line 4: '?' is no value of SUPPRESS"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "read", "content", "message"), BROKEN)
def test_a_broken_file_is_refused(tmp_path: Path, name: str, read: Read, content: str | bytes, message: str) -> None:
    with pytest.raises(UnreadableRelease) as caught:
        list(read(written(tmp_path / name, content)).read())
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"Concept": CONCEPT.replace("active", "status")},
         f"sct2_Concept_Snapshot_US1000124_20250901.txt, line 1: the header is not {' '.join(CONCEPT.split())}"),
        ({"Concept": CONCEPT + "22\t2025"},
         "sct2_Concept_Snapshot_US1000124_20250901.txt, line 2: the file ends in the middle of a line"),
        ({"Description": DESCRIPTION},
         "sct2_Description_Snapshot-en_US1000124_20250901.txt: concept 21 has no fully specified name"),
        ({"Relationship": RELATIONSHIP + "1\t2\r\n"},
         "sct2_Relationship_Snapshot_US1000124_20250901.txt, line 2: it has 2 fields, not 10"),
    ],
)  # fmt: skip
def test_a_broken_snapshot_is_refused(tmp_path: Path, changed: dict[str, str], message: str) -> None:
    with pytest.raises(UnreadableRelease) as caught:
        list(snomed_release(snapshot(tmp_path, **changed)).read())
    assert str(caught.value) == message


def test_a_snapshot_without_one_of_its_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRelease, match=r"it holds 0 files sct2_Relationship_Snapshot_\*\.txt, not one"):
        snomed_release(snapshot(tmp_path, Relationship=None))


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("command", "name", "content", "options", "line"),
    [
        ("load_cvx", "cvx.txt", CVX_TEXT, [],
         "CVX: 2 concepts, 2 new, 0 changed, 0 unchanged, 0 made inactive"),
        ("load_loinc", "LoincTableCore.csv", LOINC, ["--release", "2.81"],
         "LOINC 2.81: 2 concepts, 2 new, 0 changed, 0 unchanged, 0 made inactive"),
        ("load_rxnorm", "RXNCONSO.RRF", RXNORM, ["--release", "2026-11"],
         "RxNorm 2026-11: 2 concepts, 2 new, 0 changed, 0 unchanged, 0 made inactive"),
    ],
)  # fmt: skip
def test_a_command_loads_its_file(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    name: str,
    content: str,
    options: list[str],
    line: str,
) -> None:
    path = str(written(tmp_path / name, content))
    call_command(command, path, *options, "--dry-run")
    assert CodeSystem.objects.count() == 0
    call_command(command, path, *options)
    assert capsys.readouterr().out.splitlines()[1] == line
    assert Concept.objects.count() == 2


@pytest.mark.usefixtures("db")
def test_load_snomed_loads_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_snomed", str(snapshot(tmp_path)))
    report = "SNOMED CT 20250901: 2 concepts, 2 new, 0 changed, 0 unchanged, 0 made inactive"
    assert capsys.readouterr().out.splitlines() == [report]


@pytest.mark.usefixtures("db")
def test_load_ucum_loads_the_units(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_ucum")
    report = "UCUM 2.2: 312 concepts, 312 new, 0 changed, 0 unchanged, 0 made inactive"
    assert capsys.readouterr().out.splitlines() == [report]


@pytest.mark.usefixtures("db")
def test_a_command_says_what_is_wrong_and_stores_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "cvx.txt", CVX_TEXT[:-4])
    with pytest.raises(CommandError, match=r"^Nothing was stored\. cvx\.txt, line 2: the file ends in the middle"):
        call_command("load_cvx", str(path))
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("load_cvx", str(tmp_path / "none.txt"))
    assert CodeSystem.objects.count() == 0

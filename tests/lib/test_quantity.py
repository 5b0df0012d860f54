"""UCUM: codes, exact conversion, and what cannot be converted."""

from decimal import Decimal
from importlib.resources import files

import pytest

from ehr.lib import ucum
from ehr.lib.quantity import NotComparable, Quantity


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("mg", "100", ("0.1", "g")),
        ("mg/dL", "5.10", ("51", "g.m-3")),
        ("mm[Hg]", "1", ("133322", "g.m-1.s-2")),
        ("10*3/uL", "4.5", ("4500000000000", "m-3")),
        ("{score}", "7", ("7", "1")),
        ("mL/min/{1.73_m2}", "60", ("0.000001", "m3.s-1")),
        ("Cel", "37.0", ("310.15", "K")),
        ("[degF]", "98.6", ("310.15", "K")),
        ("[pH]", "7.40", ("7.4", "[pH]")),
        ("[iU]/L", "3", ("3000", "[iU].m-3")),
        ("g/kg/(8.h){shift}", "28800", ("0.001", "s-1")),
        ("/min", "60", ("1", "s-1")),
    ],
)
def test_a_code_has_one_exact_meaning_in_base_units(code: str, value: str, expected: tuple[str, str]) -> None:
    found = ucum.canonical(Decimal(value), code)
    assert found is not None
    assert (found[0], found[1]) == (Decimal(expected[0]), expected[1])


@pytest.mark.parametrize(
    "code", ["", "/", "a..b", "mmHg", "beats/minute", "(score)", "mg/", "(mg", "mg)", "0", "kg kg", "k" * 101]
)
def test_what_is_no_code_has_no_meaning(code: str) -> None:
    with pytest.raises(ucum.UnknownUnit):
        ucum.unit(code)
    assert ucum.canonical(Decimal(1), code) is None


def test_the_published_examples_are_codes() -> None:
    rows = files("ucumvert.vendor").joinpath("ucum_examples.tsv").read_text().splitlines()[1:]
    codes = [row.split("\t")[1] for row in rows]
    assert [code for code in codes if ucum.canonical(Decimal(1), code) is None] == ["Torr"]


def test_conversion_is_exact_both_ways() -> None:
    pound = Quantity(Decimal(1), "[lb_av]").in_unit("kg")
    assert pound == Quantity(Decimal("0.45359237"), "kg")
    assert pound.in_unit("[lb_av]") == Quantity(Decimal(1), "[lb_av]")
    assert Quantity(Decimal("98.6"), "[degF]").in_unit("Cel") == Quantity(Decimal(37), "Cel")


def test_comparison_across_units() -> None:
    assert Quantity(Decimal("0.1"), "g").compare(Quantity(Decimal(100), "mg")) == 0
    assert Quantity(Decimal("0.1"), "g").compare(Quantity(Decimal(101), "mg")) == -1
    assert Quantity(Decimal(38), "Cel").compare(Quantity(Decimal(100), "[degF]")) == 1


def test_different_dimensions_do_not_compare() -> None:
    with pytest.raises(NotComparable):
        Quantity(Decimal(1), "mg").in_unit("mL")
    with pytest.raises(NotComparable):
        Quantity(Decimal(1), "[iU]").compare(Quantity(Decimal(1), "g"))


def test_a_quantity_takes_no_float() -> None:
    with pytest.raises(TypeError):
        Quantity(0.1, "g")  # type: ignore[arg-type] # the mistake under test

"""JSON in and out keeps number literals, and refuses what is not JSON."""

from decimal import Decimal

import pytest

from ehr.lib import json


@pytest.mark.parametrize(
    "literal",
    [
        "10435.00",
        "1.50",
        "0.1",
        "-2.0",
        "1E5",
        "1e-7",
        "-0.0",
        "123456789012345678901234567890.10",
        "1.0E+2",
        "0",
        "-5",
        "12345678901234567890123",
    ],
)
def test_a_number_comes_back_as_it_was_written(literal: str) -> None:
    text = f'{{"value":{literal}}}'.encode()
    assert json.encode(json.decode(text)) == text


def test_a_number_has_its_value() -> None:
    decoded = json.decode(b'{"a":10435.00,"b":1E5,"c":7,"d":true,"e":"7"}')
    assert [json.as_decimal(decoded[name]) for name in "abcde"] == [
        Decimal("10435.00"),
        Decimal("1E5"),
        Decimal(7),
        None,
        None,
    ]


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'"text"', b'{"a":NaN}', b'{"a":1,}', b'{"a":"\xff"}', b"\xef\xbb\xbf{}", b'{"a":01}',
     b'{"a":"\\ud800"}', b"[" * 100_000, b'{"a":' * 100_000],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(json.InvalidJSON):
        json.decode(data)


def test_equal_values_have_one_sorted_form() -> None:
    one = json.decode(b'{"b":1.0,"a":{"d":2,"c":3}}')
    other = json.decode(b'{"a":{"c":3,"d":2},"b":1.0}')
    assert json.encode_sorted(one) == json.encode_sorted(other)
    assert json.encode_sorted(one) != json.encode_sorted(json.decode(b'{"a":{"c":3,"d":2},"b":1.00}'))

import pytest

from ehr.lib.text import compact_words, fold, searchable_words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Sørensen,  José", "sorensen, jose"),
        ("KOWALCZYK Łukasz", "kowalczyk lukasz"),
        ("Straße", "strasse"),
        ("Æthelred Þór", "aethelred thor"),
        ("İzmir I\N{LATIN SMALL LETTER S WITH CEDILLA}\N{LATIN SMALL LETTER DOTLESS I}k", "izmir isik"),
        ("Nguyễn Thị", "nguyen thi"),
        ("阮氏", "阮氏"),
        ("محمد", "محمد"),
        ("", ""),
    ],
)
def test_folding_keeps_what_two_spellings_share(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "asked", "found_under"),
    [
        ("O'Brien-Ng", ["obrienng"], ["obrienng", "o", "brien", "ng"]),
        ("4820 1173", ["4820", "1173"], ["4820", "1173"]),
        ("  Anne   Marie ", ["anne", "marie"], ["anne", "marie"]),
        ("(304) 555-0117", ["304", "5550117"], ["304", "5550117", "555", "0117"]),
        ("-- _ '", [], []),
    ],
)
def test_words_are_found_as_a_search_asks_for_them(text: str, asked: list[str], found_under: list[str]) -> None:
    assert compact_words(text) == asked
    assert searchable_words(text) == found_under

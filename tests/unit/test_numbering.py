"""The numbers that Word writes itself, counted as Word counts them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from lxml import etree  # type: ignore[import-untyped]

from ingest.extractors.numbering import Numbering, StyleNumbering, numeral, read_numbering

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"


@pytest.mark.parametrize(
    ("number", "form", "expected"),
    [
        (4, "decimal", "4"),
        (4, "decimalZero", "04"),
        (12, "decimalZero", "12"),
        (1994, "upperRoman", "MCMXCIV"),
        (14, "lowerRoman", "xiv"),
        (4000, "upperRoman", "4000"),
        (0, "lowerRoman", "0"),
        (26, "lowerLetter", "z"),
        (28, "upperLetter", "BB"),
        (10**8, "lowerLetter", "100000000"),
        (11, "ordinal", "11th"),
        (22, "ordinal", "22nd"),
        (255, "hex", "FF"),
        (3, "none", ""),
        (3, "ideographDigital", "3"),
    ],
)
def test_numerals_are_those_of_word(number: int, form: str, expected: str) -> None:
    assert numeral(number, form) == expected


def _level(at: int, pattern: str, form: str = "decimal", more: str = "", *, start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
    )


def _numbering(*parts: str, styles: Mapping[str, StyleNumbering] | None = None) -> Numbering:
    root = etree.fromstring(f'<w:numbering xmlns:w="{_W}" xmlns:mc="{_MC}">{"".join(parts)}</w:numbering>')
    return read_numbering(root, styles or {})


def _definition(*levels: str, number: int = 0, more: str = "") -> str:
    return f'<w:abstractNum w:abstractNumId="{number}">{more}{"".join(levels)}</w:abstractNum>'


def _instance(number: int, overrides: str = "", *, of: int = 0) -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{of}"/>{overrides}</w:num>'


def _labels(numbering: Numbering, *paragraphs: tuple[int, int] | StyleNumbering) -> list[str]:
    """Return the labels of paragraphs that refer to an instance and a level, or have a style."""
    labels = []
    for paragraph in paragraphs:
        if isinstance(paragraph, StyleNumbering):
            labels.append(numbering.label(None, paragraph))
            continue
        instance, level = paragraph
        numbers = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{instance}"/></w:numPr>'
        labels.append(numbering.label(etree.fromstring(f'<w:pPr xmlns:w="{_W}">{numbers}</w:pPr>'), None))
    return labels


def test_a_level_begins_anew_after_any_level_above_it() -> None:
    numbering = _numbering(
        _definition(_level(0, "%1."), _level(1, "%1.%2"), _level(2, "%1.%2.%3", "lowerLetter")), _instance(1)
    )
    found = _labels(numbering, (1, 0), (1, 1), (1, 2), (1, 2), (1, 1), (1, 2), (1, 0), (1, 2), (1, 1))
    assert found == ["1. ", "1.1 ", "1.1.a ", "1.1.b ", "1.2 ", "1.2.a ", "2. ", "2.1.a ", "2.1 "]


def test_articles_of_a_law_go_on_through_its_chapters() -> None:
    numbering = _numbering(
        _definition(
            _level(0, "BAB %1", "upperRoman"),
            _level(1, "Pasal %2", more='<w:lvlRestart w:val="0"/>'),
            _level(2, "(%3)"),
            _level(3, "%4.", "lowerLetter"),
        ),
        _instance(1),
    )
    found = _labels(numbering, (1, 0), (1, 1), (1, 2), (1, 3), (1, 3), (1, 2), (1, 1), (1, 0), (1, 1), (1, 2))
    assert [label.strip() for label in found] == [
        "BAB I", "Pasal 1", "(1)", "a.", "b.", "(2)", "Pasal 2", "BAB II", "Pasal 3", "(1)",
    ]  # fmt: skip


def test_a_level_may_begin_anew_only_after_a_certain_one() -> None:
    numbering = _numbering(
        _definition(_level(0, "%1"), _level(1, "%2"), _level(2, "%3", more='<w:lvlRestart w:val="1"/>')), _instance(1)
    )
    found = _labels(numbering, (1, 0), (1, 1), (1, 2), (1, 1), (1, 2), (1, 0), (1, 2))
    assert [label.strip() for label in found] == ["1", "1", "1", "2", "2", "2", "1"]


def test_instances_of_one_list_count_together_until_one_says_where_to_start() -> None:
    start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
    numbering = _numbering(_definition(_level(0, "%1)")), _instance(1), _instance(2), _instance(3, start))
    found = _labels(numbering, (1, 0), (2, 0), (3, 0), (3, 0), (1, 0))
    assert found == ["1) ", "2) ", "7) ", "8) ", "9) "]


def test_an_instance_may_replace_a_level() -> None:
    other = _level(0, "Lampiran %1", "upperLetter", start=3)
    numbering = _numbering(
        _definition(_level(0, "%1."), _level(1, "%2.")),
        _instance(1, f'<w:lvlOverride w:ilvl="0">{other}</w:lvlOverride>'),
    )
    assert _labels(numbering, (1, 0), (1, 1)) == ["Lampiran C ", "1. "]


def test_what_follows_the_number_may_be_nothing() -> None:
    numbering = _numbering(_definition(_level(0, "%1.", more='<w:suff w:val="nothing"/>')), _instance(1))
    assert _labels(numbering, (1, 0)) == ["1."]


def test_a_legal_level_shows_all_levels_in_digits() -> None:
    numbering = _numbering(
        _definition(_level(0, "%1", "upperRoman"), _level(1, "%1.%2", more="<w:isLgl/>")), _instance(1)
    )
    assert _labels(numbering, (1, 0), (1, 1)) == ["I ", "1.1 "]


def test_bullets_hidden_numbers_and_unknown_lists_have_no_label_but_levels_below_begin_anew() -> None:
    numbering = _numbering(
        _definition(_level(0, "•", "bullet"), _level(1, "%2."), _level(2, "%3", more="<w:rPr><w:vanish/></w:rPr>")),
        _instance(1),
    )
    found = _labels(numbering, (1, 0), (1, 1), (1, 0), (1, 1), (1, 2), (1, 8), (9, 0), (0, 0))
    assert found == ["", "1. ", "", "1. ", "", "", "", ""]


def test_a_form_of_word_s_own_is_known_by_its_example() -> None:
    form = (
        '<mc:AlternateContent><mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="001, 002, 003, ..."/>'
        '</mc:Choice><mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent>'
    )
    level = f'<w:lvl w:ilvl="0"><w:start w:val="9"/>{form}<w:lvlText w:val="No. %1"/></w:lvl>'
    assert _labels(_numbering(_definition(level), _instance(1)), (1, 0), (1, 0)) == ["No. 009 ", "No. 010 "]


def test_a_style_is_numbered_at_the_level_that_names_it() -> None:
    numbering = _numbering(
        _definition(
            _level(0, "BAB %1", "upperRoman", '<w:pStyle w:val="Judul1"/>'),
            _level(1, "%1.%2", "decimal", '<w:pStyle w:val="Judul2"/>'),
        ),
        _instance(1),
    )
    first, second = StyleNumbering("1", None, ("Judul1",)), StyleNumbering("1", 0, ("Khusus", "Judul2", "Judul1"))
    plain = StyleNumbering("1", 1, ("Lain",))
    assert _labels(numbering, first, second, plain) == ["BAB I ", "I.1 ", "I.2 "]


def test_a_paragraph_can_refuse_the_number_of_its_style_or_take_another_level() -> None:
    numbering = _numbering(_definition(_level(0, "%1."), _level(1, "%2)", "lowerLetter")), _instance(1))
    style = StyleNumbering("1", 0, ("S",))
    none = etree.fromstring(f'<w:pPr xmlns:w="{_W}"><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>')
    deeper = etree.fromstring(f'<w:pPr xmlns:w="{_W}"><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr>')
    assert [numbering.label(p, style) for p in (None, none, deeper, None)] == ["1. ", "", "a) ", "2. "]


def test_a_list_may_be_defined_by_a_style_of_lists() -> None:
    numbering = _numbering(
        _definition(_level(0, "§ %1"), number=5),
        _definition(number=6, more='<w:numStyleLink w:val="Gaya"/>'),
        _instance(1, of=5),
        _instance(2, of=6),
        styles={"Gaya": StyleNumbering("1", None, ("Gaya",))},
    )
    assert _labels(numbering, (2, 0), (1, 0)) == ["§ 1 ", "§ 2 "]


def test_another_story_counts_for_itself() -> None:
    numbering = _numbering(_definition(_level(0, "%1.")), _instance(1))
    assert _labels(numbering, (1, 0)) == ["1. "]
    assert _labels(numbering.afresh(), (1, 0)) == ["1. "]
    assert _labels(numbering, (1, 0)) == ["2. "]

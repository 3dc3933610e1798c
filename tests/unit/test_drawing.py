"""What charts show: numbers by their format, labels of several levels, the newer kinds of chart."""

from __future__ import annotations

import pytest
from lxml import etree  # type: ignore[import-untyped]

from ingest.extractors.drawing import chart_words, diagram_words, shown

C = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:c15="http://schemas.example.org/2012/chart"'
)
CX = (
    'xmlns:cx="http://schemas.microsoft.com/office/drawing/2014/chartex" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        ("0.30000000000000004", "General", "0.3"),
        ("1234567", "#,##0", "1234567"),
        ("0.125", "0.0%", "12.5%"),
        ("0.071", "0%;-0%", "7.1%"),
        ("45000", "dd/mm/yyyy", "2023-03-15"),
        ("45000", "mmm-yy", "2023-03-15"),
        # What is in quotes or brackets is no part of the format.
        ("7", '0 "hari"', "7"),
        ("7", "[Red]0", "7"),
        ("1e300", "yyyy", "1e300"),
        ("nan", "0%", "nan%"),
        ("12345678901234567", "0", "12345678901234567"),
        ("tidak ada", "0%", "tidak ada"),
    ],
)
def test_numbers_are_shown_as_their_format_says(value: str, code: str, expected: str) -> None:
    assert shown(value, code) == expected


def _lines(xml: str) -> list[str]:
    return list(chart_words(etree.fromstring(xml)))


def _texts(*texts: str) -> str:
    points = "".join(f'<c:pt idx="{at}"><c:v>{text}</c:v></c:pt>' for at, text in enumerate(texts) if text)
    return f'<c:ptCount val="{len(texts)}"/>{points}'


def test_labels_that_look_like_numbers_stay_as_they_are_written() -> None:
    categories = f"<c:cat><c:strRef><c:strCache>{_texts('1.10', '007')}</c:strCache></c:strRef></c:cat>"
    title = f"<c:tx><c:strRef><c:f>Sheet1!$A$1</c:f><c:strCache>{_texts('2024')}</c:strCache></c:strRef></c:tx>"
    xml = f"<c:chartSpace {C}><c:ser>{title}{categories}</c:ser></c:chartSpace>"
    assert _lines(xml) == ["1.10\t007", "2024"]


def test_levels_of_categories_are_joined_and_the_same_ones_stand_once() -> None:
    levels = f"<c:lvl>{_texts('Q1', 'Q2', 'Q1')}</c:lvl><c:lvl>{_texts('2023', '', '2024')}</c:lvl>"
    categories = (
        f"<c:cat><c:multiLvlStrRef><c:multiLvlStrCache>{levels}</c:multiLvlStrCache></c:multiLvlStrRef></c:cat>"
    )
    series = "".join(f"<c:ser><c:tx><c:v>{name}</c:v></c:tx>{categories}</c:ser>" for name in ("A", "B"))
    assert _lines(f"<c:chartSpace {C}>{series}</c:chartSpace>") == ["2023 Q1\tQ2\t2024 Q1", "A", "B"]


def test_titles_from_cells_and_labels_written_by_hand_are_read_and_prompts_and_hidden_series_not() -> None:
    title = f"<c:title><c:tx><c:strRef><c:strCache>{_texts('Dari sel')}</c:strCache></c:strRef></c:tx></c:title>"
    label = (
        "<c:dLbls><c:dLbl><c:tx><c:rich><a:p><a:fld type='VALUE'><a:t>[VALUE]</a:t></a:fld>"
        "<a:r><a:t> tertinggi</a:t></a:r></a:p></c:rich></c:tx></c:dLbl></c:dLbls>"
    )
    values = f"<c:val><c:numLit><c:formatCode>0</c:formatCode>{_texts('5')}</c:numLit></c:val>"
    cells = (
        f"<c:extLst><c:ext><c15:datalabelsRange><c:x>{_texts('kota')}</c:x></c15:datalabelsRange></c:ext></c:extLst>"
    )
    hidden = "<c:extLst><c:ext><c15:filtered><c:ser><c:tx><c:v>X</c:v></c:tx></c:ser></c15:filtered></c:ext></c:extLst>"
    series = f"<c:ser><c:tx><c:v>S</c:v></c:tx>{label}{values}{cells}</c:ser>"
    xml = f"<c:chartSpace {C}>{title}{series}{hidden}</c:chartSpace>"
    assert _lines(xml) == ["Dari sel", "S\t5", " tertinggi", "kota"]


def test_the_years_of_a_chart_may_be_counted_from_1904() -> None:
    values = (
        f"<c:val><c:numRef><c:numCache><c:formatCode>yyyy</c:formatCode>{_texts('1')}</c:numCache></c:numRef></c:val>"
    )
    xml = f'<c:chartSpace {C}><c:date1904 val="1"/><c:ser>{values}</c:ser></c:chartSpace>'
    assert _lines(xml) == ["\t1904-01-02"]


def test_charts_of_the_newer_kinds_are_read_and_their_titles_once() -> None:
    xml = f"""<cx:chartSpace {CX}><cx:chartData><cx:data>
      <cx:strDim><cx:lvl><cx:pt idx="0">Awal</cx:pt><cx:pt idx="1">Akhir</cx:pt></cx:lvl></cx:strDim>
      <cx:numDim><cx:lvl formatCode="0%"><cx:pt idx="0">0.5</cx:pt></cx:lvl></cx:numDim></cx:data></cx:chartData>
      <cx:chart><cx:title><cx:tx><cx:txData><cx:v>Air terjun</cx:v></cx:txData></cx:tx><cx:txPr><a:p><a:r>
      <a:t>Air terjun</a:t></a:r></a:p></cx:txPr></cx:title></cx:chart></cx:chartSpace>"""
    assert _lines(xml) == ["Awal\tAkhir", "50%", "Air terjun"]


def test_a_diagram_whose_links_run_in_a_circle_is_read_once() -> None:
    xml = """<d:dataModel xmlns:d="d" xmlns:a="a"><d:ptLst>
      <d:pt modelId="1"><d:t><a:p><a:r><a:t>satu</a:t></a:r></a:p></d:t></d:pt>
      <d:pt modelId="2"><d:t><a:p><a:r><a:t>dua</a:t></a:r></a:p></d:t></d:pt></d:ptLst>
      <d:cxnLst><d:cxn srcId="1" destId="2" srcOrd="x"/><d:cxn srcId="2" destId="1"/></d:cxnLst></d:dataModel>"""
    assert list(diagram_words(etree.fromstring(xml))) == ["satu", "dua"]

"""The labels of the description are well-formed, name what exists, and are compared as a person would compare."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.quality.description import Measured, mistakes, report
from benchmarks.quality.labels import COLUMNS, Case, Expected, Half, LabelError, Origin, read_labels
from benchmarks.quality.scoring import Comparison, Outcome, folded, tally
from holdings.filestore import checksum
from holdings.model import DocumentField
from holdings.vocabularies import Vocabularies, load_vocabularies

ROW = {
    **dict.fromkeys(COLUMNS, ""),
    "path": "files/a.pdf",
    "sha256": "0123456789abcdef",
    "title": "Laporan",
    "kind": "report",
    "language": "id",
}
TEXT: dict[str, object] = {"id": "w", "origin": "written", "text": ["Laporan"], "title": "Laporan"}


@pytest.fixture(scope="module")
def vocabularies() -> Vocabularies:
    return load_vocabularies()


@pytest.fixture(scope="module")
def cases(vocabularies: Vocabularies) -> list[Case]:
    return read_labels(vocabularies)


def _folder(tmp_path: Path, rows: list[dict[str, str]], texts: list[dict[str, object]] | None = None) -> Path:
    with (tmp_path / "documents-1.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    if texts is not None:
        (tmp_path / "written.jsonl").write_text("".join(json.dumps(t) + "\n" for t in texts), encoding="utf-8")
    return tmp_path


def _case(**values: tuple[Expected, ...]) -> Case:
    return Case("w", Origin.WRITTEN, {DocumentField(name): v for name, v in values.items()}, pages=("x",))


def _outcome(vocabularies: Vocabularies, field: DocumentField, expected: list[Expected], found: list[str]) -> Outcome:
    return Comparison(vocabularies).outcomes(_case(**{field.value: tuple(expected)}), {field: found})[0]


def test_the_labels_are_many_and_of_all_classes(cases: list[Case]) -> None:
    origins = Counter(case.origin for case in cases)
    assert origins[Origin.REAL] >= 75
    assert origins[Origin.WRITTEN] >= 60
    kinds = {case.first(DocumentField.KIND) for case in cases}
    assert kinds == {"report", "policy-paper", "programme-document", "regulation", "research", "guideline", "other"}
    assert {case.half for case in cases} == set(Half)


def test_each_theme_is_labelled_and_the_ten_of_most_weight_five_times(
    cases: list[Case], vocabularies: Vocabularies
) -> None:
    required = Counter(
        value.forms[0] for case in cases for value in case.expected[DocumentField.THEME] if not value.optional
    )
    assert set(required) == set(vocabularies.themes)
    weighty = [
        "counter-radicalisation",
        "deradicalisation",
        "prisons",
        "rehabilitation-and-reintegration",
        "returnees",
        "terrorist-financing",
        "victims-and-witnesses",
        "gender",
        "youth",
        "digital-space",
    ]
    assert {theme: required[theme] for theme in weighty if required[theme] < 5} == {}


def test_written_texts_are_as_long_as_short_documents(cases: list[Case]) -> None:
    lengths = {case.id: len(" ".join(case.pages).split()) for case in cases if case.origin is Origin.WRITTEN}
    assert {name: length for name, length in lengths.items() if not 100 <= length <= 400} == {}


def test_what_the_labels_say_stands_in_the_texts(cases: list[Case]) -> None:
    """A title or an author that is not in the text could not be found by anybody."""
    missing = [
        (case.id, case.first(DocumentField.TITLE))
        for case in cases
        if case.origin is Origin.WRITTEN
        and not any(
            folded(form) in folded(case.pages[0])
            for title in case.expected[DocumentField.TITLE]
            for form in title.forms
        )
    ]
    missing += [
        (case.id, author.forms[0])
        for case in cases
        if case.origin is Origin.WRITTEN
        for author in case.expected[DocumentField.AUTHOR]
        if author.forms[0] not in " ".join(" ".join(case.pages).split())
    ]
    assert missing == []


def test_the_corpus_has_the_bytes_that_were_labelled(cases: list[Case], corpus: Path) -> None:
    other = [
        case.id
        for case in cases
        if case.origin is Origin.REAL and not (checksum(corpus / "documents" / case.id) or "").startswith(case.sha256)
    ]
    assert other == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"themes": "no-such-theme"}, "no-such-theme"),
        ({"provinces": "33;99"}, "99"),
        ({"kind": "report | essay"}, "essay"),
        ({"date": "2018-13"}, "2018-13"),
        ({"date": "Juni 2018"}, "Juni 2018"),
        ({"language": "indonesian"}, "indonesian"),
        ({"sha256": "abc"}, "abc"),
    ],
)
def test_a_label_that_cannot_be_right_is_refused(
    tmp_path: Path, vocabularies: Vocabularies, change: dict[str, str], said: str
) -> None:
    read_labels(vocabularies, _folder(tmp_path, [ROW]))
    with pytest.raises(LabelError, match=said):
        read_labels(vocabularies, _folder(tmp_path, [{**ROW, **change}]))


def test_a_document_is_labelled_once_and_texts_say_what_they_are(tmp_path: Path, vocabularies: Vocabularies) -> None:
    with pytest.raises(LabelError, match="twice"):
        read_labels(vocabularies, _folder(tmp_path, [ROW, ROW]))
    changes: list[dict[str, object]] = [{"origin": "real"}, {"colour": "red"}, {"text": [""]}]
    for change in changes:
        with pytest.raises(LabelError):
            read_labels(vocabularies, _folder(tmp_path, [ROW], [TEXT | change]))


def test_a_field_that_is_not_labelled_is_not_measured(tmp_path: Path, vocabularies: Vocabularies) -> None:
    real, written = read_labels(vocabularies, _folder(tmp_path, [ROW], [TEXT]))
    assert real.expected[DocumentField.DATE] == ()
    assert DocumentField.PRIORITY not in real.expected
    assert set(written.expected) == {DocumentField.TITLE}


def test_forms_values_and_options_are_told_apart(tmp_path: Path, vocabularies: Vocabularies) -> None:
    row = {**ROW, "themes": "youth;gender?", "organisation": "Kementerian X | kemenx;bnpt", "title": "A; B"}
    case = read_labels(vocabularies, _folder(tmp_path, [row]))[0]
    assert case.expected[DocumentField.THEME] == (Expected(("youth",)), Expected(("gender",), optional=True))
    assert case.expected[DocumentField.ORGANISATION] == (Expected(("Kementerian X", "kemenx")), Expected(("bnpt",)))
    assert case.expected[DocumentField.TITLE] == (Expected(("A; B",)),)


@pytest.mark.parametrize(
    ("field", "expected", "found", "right"),
    [
        (DocumentField.TITLE, "Undang-Undang Nomor 5 Tahun 2018", "UNDANG - UNDANG\nNOMOR 5 TAHUN 2018.", True),
        (DocumentField.TITLE, "Undang-Undang Nomor 5 Tahun 2018", "Undang-Undang Nomor 6 Tahun 2018", False),
        (DocumentField.DATE, "2018", "2018-06-22", True),
        (DocumentField.DATE, "2018-06", "2018-06-22", True),
        (DocumentField.DATE, "2018-06-22", "2018-06", False),
        (DocumentField.DATE, "2018-06", "2018-07", False),
        (DocumentField.AUTHOR, "Helen Marsh", "Marsh, Helen", True),
        (DocumentField.AUTHOR, "Helen Marsh", "Helen March", False),
        (DocumentField.ORGANISATION, "bnpt", "Badan Nasional Penanggulangan Terorisme", True),
        (DocumentField.ORGANISATION, "Yayasan Lentera Nusantara", "yayasan-lentera-nusantara", True),
        (DocumentField.ORGANISATION, "bnpt", "polri", False),
        (DocumentField.NUMBER, "UU 5/2018", "UU 5 / 2018", True),
    ],
)
def test_values_are_compared_as_a_person_would(
    vocabularies: Vocabularies, field: DocumentField, expected: str, found: str, right: bool
) -> None:
    assert _outcome(vocabularies, field, [Expected((expected,))], [found]).exact is right


def test_optional_values_count_neither_way(vocabularies: Vocabularies) -> None:
    expected = [Expected(("youth",)), Expected(("gender",), optional=True)]
    for found in (["youth"], ["youth", "gender"]):
        assert _outcome(vocabularies, DocumentField.THEME, expected, found).exact
    counts = tally([_outcome(vocabularies, DocumentField.THEME, expected, ["gender", "prisons"])])
    assert (counts.right, counts.expected, counts.found, counts.exact) == (0, 1, 1, 0)


def test_none_expected_and_none_found_is_right_and_a_find_is_wrong(vocabularies: Vocabularies) -> None:
    assert _outcome(vocabularies, DocumentField.DATE, [], []).exact
    found = tally([_outcome(vocabularies, DocumentField.DATE, [], ["2018"])])
    assert (found.precision, found.recall, found.accuracy) == (0, None, 0)


def test_priorities_bring_their_broader_ones(vocabularies: Vocabularies) -> None:
    outcome = _outcome(vocabularies, DocumentField.PRIORITY, [Expected(("deradicalisation",))], ["prevention"])
    assert (outcome.right, outcome.wrong, outcome.missed) == (("prevention",), (), ("deradicalisation",))


def test_the_report_counts_and_the_mistakes_are_listed(vocabularies: Vocabularies) -> None:
    case = _case(title=(Expected(("Laporan",)),), themes=(Expected(("youth",)),), language=(Expected(("id",)),))
    found = {
        DocumentField.TITLE: ["laporan"],
        DocumentField.THEME: ["youth", "gender"],
        DocumentField.LANGUAGE: ["ms"],
    }
    measured = Measured(tuple(Comparison(vocabularies).outcomes(case, found)), ())
    text = report(measured)
    assert "| title | all | 1 | 1.000 | 1.000 | 1.000 | 1 | .95 |" in text
    assert "| themes | all | 1 | 0.000 | 0.500 | 1.000 | 1 | .8 / .8 |" in text
    assert "| gender | 0 | 0 | 1 | 0.000 |  |" in text
    assert mistakes(measured).splitlines() == [
        "language\tw\tfound: ms\tmissed: id",
        "themes\tw\tfound: gender\tmissed: ",
    ]

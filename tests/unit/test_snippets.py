"""Snippets and marks: a marked word is one that matched, and text is never invented."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.model import Snippet
from indexer.query import Leaf, Phrase, Prefix, TextField, Word
from indexer.snippets import marks, snippet

ANALYZER = Analyzer()
LONG = "kata lain yang panjang sekali " * 40


def word(text: str, field: TextField = TextField.ANY) -> Word:
    return Word(ANALYZER.stem(text), text, field)


def phrase(text: str) -> Phrase:
    return Phrase(tuple(ANALYZER.stems(text)))


def _marked(text: str, *leaves: Leaf) -> list[str]:
    return [text[m.start : m.end] for m in marks(text, leaves, ANALYZER)]


def _cut(text: str, *leaves: Leaf, after: str = "", characters: int = 100) -> Snippet | None:
    return snippet(text, after, leaves, ANALYZER, characters=characters)


def _shown(cut: Snippet | None) -> list[str]:
    assert cut is not None
    return [cut.text[m.start : m.end] for m in cut.marks]


def test_words_prefixes_and_phrases_are_marked() -> None:
    text = "Korban, saksi dan KORBAN tindak pidana; pidana tindak."
    assert _marked(text, word("korban")) == ["Korban", "KORBAN"]
    assert _marked(text, Prefix("pid")) == ["pidana", "pidana"]
    assert _marked(text, phrase("tindak pidana")) == ["tindak pidana"]
    assert _marked(text, phrase("tindak pidana"), word("pidana")) == ["tindak pidana", "pidana"]


def test_a_word_for_the_title_is_not_marked_in_the_text() -> None:
    assert _marked("korban", word("korban", TextField.TITLE)) == []
    assert len(marks("korban", [word("korban", TextField.TITLE)], ANALYZER, fields=[TextField.TITLE])) == 1


def test_a_snippet_shows_where_most_words_meet() -> None:
    text = f"saksi {LONG} korban dan saksi bertemu {LONG} korban"
    cut = _cut(text, word("saksi"), word("korban"))
    assert cut is not None
    assert _shown(cut) == ["korban", "saksi"]
    assert cut.cut_before
    assert cut.cut_after
    assert 60 <= len(cut.text) <= 110


def test_white_space_is_folded_and_marks_move_with_it() -> None:
    cut = _cut("baris \n\n satu   tindak\n pidana  akhir", phrase("tindak pidana"))
    assert cut == Snippet("baris satu tindak pidana akhir", cut.marks if cut else (), False, False)
    assert _shown(cut) == ["tindak pidana"]


def test_a_page_without_a_match_has_no_snippet() -> None:
    assert _cut("tidak ada di sini", word("korban")) is None
    assert _cut("", word("korban")) is None


def test_a_phrase_that_crosses_the_end_of_a_page_is_shown_whole_where_it_begins() -> None:
    assert _shown(_cut("perlindungan hak asasi", phrase("hak asasi manusia"), after="manusia di Indonesia")) == [
        "hak asasi manusia"
    ]
    assert _cut("perlindungan", phrase("hak asasi"), after="hak asasi manusia") is None, "it begins on the next page"


def test_a_word_on_the_next_page_is_not_of_this_one() -> None:
    assert _cut("halaman ini", word("korban"), after="korban") is None


@given(
    st.lists(
        st.sampled_from(["korban", "saksi", "KORBAN,", "\n\n", "  ", "x" * 60, "dan", "é", "ﬁ", "汉字"]), max_size=80
    ),
    st.integers(20, 300),
)
@settings(max_examples=200, deadline=None)
def test_a_snippet_is_a_stretch_of_the_text(words: list[str], characters: int) -> None:
    text = " ".join(words)
    cut = _cut(text, word("korban"), phrase("saksi dan"), characters=characters)
    if "korban" not in text.casefold():
        return
    assert cut is not None
    assert cut.text in re.sub(r"\s+", " ", text)
    assert cut.marks
    for shown in _shown(cut):
        assert shown.casefold() == "korban" or shown.startswith("saksi")
    assert len(cut.text) <= characters + 80

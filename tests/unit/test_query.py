"""The query language: what a person types, and what is understood."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.clauses import documents_body, pages_body
from indexer.model import Facet, Sort
from indexer.query import (
    MAX_CHARACTERS,
    MAX_LEAVES,
    Either,
    Every,
    FacetTerm,
    Group,
    Node,
    ParsedQuery,
    Phrase,
    Prefix,
    TextField,
    Without,
    Word,
    parse,
)
from indexer.templates import load_templates

ANALYZER = Analyzer()
TEMPLATES = load_templates()


def _facet(facet: Facet, text: str) -> str | None:
    return text if text in {"deradicalisation", "33", "2018", "2015..2020"} else None


def _parse(text: str) -> ParsedQuery:
    return parse(text, ANALYZER, _facet)


def word(text: str, field: TextField = TextField.ANY) -> Word:
    return Word(ANALYZER.stem(text), text, field)


def phrase(text: str, field: TextField = TextField.ANY) -> Phrase:
    return Phrase(tuple(ANALYZER.stems(text)), field)


ANAK, HUKUM, SAKSI, DESA = word("anak"), word("hukum"), word("saksi"), word("desa")


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("", None),
        ("   ", None),
        ("anak", ANAK),
        ("ANAK", ANAK),
        ("anak hukum", Group(optional=(ANAK, HUKUM))),
        ("yang anak dan hukum", Group(optional=(ANAK, HUKUM))),
        ("anak -hukum", Group(optional=(ANAK,), excluded=(HUKUM,))),
        ("anak NOT hukum", Group(optional=(ANAK,), excluded=(HUKUM,))),
        ("-hukum", Group(excluded=(HUKUM,))),
        ("NOT hukum", Group(excluded=(HUKUM,))),
        ("+anak hukum saksi", Group(required=(ANAK,), optional=(HUKUM, SAKSI))),
        ("anak AND hukum", Every((ANAK, HUKUM))),
        ("anak OR hukum", Either((ANAK, HUKUM))),
        ("anak OR hukum AND saksi", Either((ANAK, Every((HUKUM, SAKSI))))),
        ("desa anak OR hukum", Group(required=(Either((ANAK, HUKUM)),), optional=(DESA,))),
        ("(anak OR hukum) AND saksi", Every((Either((ANAK, HUKUM)), SAKSI))),
        ("anak AND NOT hukum", Every((ANAK, Without(HUKUM)))),
        ("anak AND -hukum", Every((ANAK, Without(HUKUM)))),
        ("NOT NOT anak", ANAK),
        ("((anak))", ANAK),
        ("()", None),
        ("-(anak hukum)", Group(excluded=(Group(optional=(ANAK, HUKUM)),))),
        ('"hak asasi manusia"', phrase("hak asasi manusia")),
        ("“hak asasi manusia”", phrase("hak asasi manusia")),
        ('"anak"', ANAK),
        ('""', None),
        ('anak "hukum pidana"', Group(required=(phrase("hukum pidana"),), optional=(ANAK,))),
        ('-"hukum pidana" anak', Group(optional=(ANAK,), excluded=(phrase("hukum pidana"),))),
        ('"di yang"', phrase("di yang")),
        ("undang-undang", phrase("undang undang")),
        ("5/2018", phrase("5 2018")),
        ("deradikal*", Prefix("deradikal")),
        ("d*", word("d")),
        ("title:anak", word("anak", TextField.TITLE)),
        ("judul:anak", word("anak", TextField.TITLE)),
        ('title:"hukum pidana"', phrase("hukum pidana", TextField.TITLE)),
        ("title:deradikal*", Prefix("deradikal", TextField.TITLE)),
        ("anak -title:hukum", Group(optional=(ANAK,), excluded=(word("hukum", TextField.TITLE),))),
        ("theme:deradicalisation", FacetTerm(Facet.THEME, "deradicalisation")),
        ("tahun:2015..2020", FacetTerm(Facet.YEAR, "2015..2020")),
        ("anak provinsi:33", Group(required=(FacetTerm(Facet.PROVINCE, "33"),), optional=(ANAK,))),
        ("bab:anak", phrase("bab anak")),
        ("ANDA", word("anda")),
        ("yang", word("yang")),
        ("yang dan", Group(optional=(word("yang"), word("dan")))),
    ],
)
def test_what_is_understood(text: str, root: Node | None) -> None:
    parsed = _parse(text)
    assert parsed.root == root
    assert parsed.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        'anak "hukum',
        "anak (hukum",
        "anak) hukum",
        "anak AND",
        "OR anak hukum",
        "anak AND OR hukum",
        "anak (AND hukum)",
        "NOT",
        "anak NOT",
        "(" * 5000 + "anak hukum" + ")" * 5000,
        "(" * 25 + "anak hukum" + ")" * 25,
    ],
)
def test_what_is_no_query_is_searched_as_words(text: str) -> None:
    parsed = _parse(text)
    codes = {note.code for note in parsed.notes}
    assert "query_as_words" in codes or "query_cut" in codes
    if text.count("(") < 5000 and "anak" in text:
        assert ANAK in parsed.leaves


def test_a_long_query_is_cut_and_says_so() -> None:
    parsed = _parse("terorisme " * 1000)
    assert [note.code for note in parsed.notes] == ["query_cut"]
    assert parsed.leaves == (word("terorisme"),)
    many = _parse(" ".join(f"kata{n}" for n in range(200)))
    assert [note.code for note in many.notes] == ["query_cut"]
    assert len(many.leaves) == MAX_LEAVES


@pytest.mark.parametrize("text", ["-anak " * 300, " ".join(f"-kata{n}" for n in range(200)), "a OR " * 300 + "a"])
def test_a_query_never_becomes_more_clauses_than_an_engine_takes(text: str) -> None:
    parsed = _parse(text)
    body = documents_body(TEMPLATES, parsed.root, {}, {"match_all": {}}, sort=Sort.RELEVANCE, offset=0, size=10)
    assert str(body["query"]).count("'term'") <= MAX_LEAVES * 8


def test_a_word_said_twice_is_one_word() -> None:
    assert _parse("anak anak hukum").root == Group(optional=(ANAK, HUKUM))


def test_one_endless_word_is_cut() -> None:
    assert [note.code for note in _parse("x" * 10_000).notes] == ["query_cut"]


def test_an_unknown_facet_value_is_said_and_searched_as_words() -> None:
    parsed = _parse("tema:perdamaian anak")
    assert [note.code for note in parsed.notes] == ["unknown_id"]
    assert word("perdamaian") in parsed.leaves


def test_leaves_are_what_a_hit_may_match() -> None:
    assert _parse('anak -hukum "saksi desa" OR saksi').leaves == (phrase("saksi desa"), SAKSI, ANAK)


def _depth(clause: object) -> int:
    """Return how many query clauses stand one below another."""
    if isinstance(clause, list):
        return max(map(_depth, clause), default=0)
    if not isinstance(clause, dict):
        return 0
    inner = max(map(_depth, clause.values()), default=0)
    return inner + sum(name in {"bool", "dis_max", "constant_score", "term", "match_phrase"} for name in clause)


@pytest.mark.parametrize("levels", range(1, 20))
@pytest.mark.parametrize("link", ["a b OR -(c d OR ", "a AND -(", "(a b OR (c AND ", "-(a -("])
def test_no_query_is_nested_deeper_than_an_engine_takes(link: str, levels: int) -> None:
    text = link * levels + "anak hukum" + ")" * (link.count("(") * levels)
    body = documents_body(TEMPLATES, _parse(text).root, {}, {"match_all": {}}, sort=Sort.RELEVANCE, offset=0, size=10)
    assert _depth(body["query"]) <= 28


QUERIES = st.text(st.sampled_from('ab "()-+*:ANDORNOT\\/\x00\ud800“”') | st.characters(), max_size=80) | st.lists(
    st.sampled_from(["anak", "AND", "OR", "NOT", "(", ")", '"', "-", "+", "title:", "theme:", "year:2018", "*", "hu*"]),
    max_size=30,
).map(" ".join)


@given(QUERIES)
@settings(max_examples=500, deadline=None)
def test_whatever_a_person_types_becomes_bodies(text: str) -> None:
    parsed = _parse(text)
    assert len(parsed.leaves) <= MAX_LEAVES
    body = documents_body(TEMPLATES, parsed.root, {}, {"match_all": {}}, sort=Sort.RELEVANCE, offset=0, size=10)
    assert "{{" not in str(body["query"]["bool"]["must"][0]) or "{{" in text
    pages_body(TEMPLATES, parsed.leaves, "id", size=3)


def test_max_characters_is_what_the_documents_say() -> None:
    assert MAX_CHARACTERS == 2000

"""The extractors of HTML, plain text and Markdown, and what they share: encodings, sections, clean text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdings.errors import CorruptError
from holdings.model import PageUnit
from ingest.extractors import html, markdown, text
from ingest.extractors.cleaning import FORBIDDEN, clean, cleaned
from ingest.extractors.decoding import decode
from ingest.extractors.sections import MAX_CHARACTERS, MIN_CHARACTERS, TARGET_CHARACTERS, Block, sections
from ingest.model import ExtractionEvent, Extractor, FileMetadata, Page
from tests.files.events import left_out, metadata, texts

Read = Callable[[Extractor, str | bytes], list[ExtractionEvent]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return what an extractor finds in a file of this content."""

    def _read(extractor: Extractor, content: str | bytes) -> list[ExtractionEvent]:
        path = tmp_path / "file"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(cleaned(extractor(path)))

    return _read


# HTML


def test_html_is_read_as_a_person_sees_it(read: Read) -> None:
    page = """<!doctype html><html><head><title>Judul</title><style>p{}</style></head><body>
      <nav>menu</nav><script>var x = 1</script><noscript>nyalakan</noscript><template>cetakan</template>
      <h3>Kepala</h3><p>Satu  <b>dua</b>
      tiga<br>empat</p><p hidden>rahasia</p><div style="display: none">tersembunyi</div>
      <ul><li>butir satu<li>butir dua</ul>
      <table><tr><th>a<th>b</tr><tr><td>c</td><td>d</td></tr></table>
      <img src="x.png" alt="bagan anggaran"><img src="y.png">
      <pre>  baris
    menjorok</pre><!-- catatan --><textarea>isian</textarea></body></html>"""
    assert texts(read(html.extract, page)) == [
        "Kepala\nSatu dua tiga\nempat\nbutir satu\nbutir dua\na\tb\nc\td\nbagan anggaran\nbaris\nmenjorok\nisian"
    ]


def test_sections_of_html_begin_at_headings(read: Read) -> None:
    body = "kata " * 60
    events = read(
        html.extract, f"<h1>Satu</h1><p>{body}<h2>Dua</h2><p>{body}<h3>Rincian</h3><p>{body}<h2>Tiga</h2>{body}"
    )
    assert [section.split()[0] for section in texts(events)] == ["Satu", "Dua", "Tiga"]
    assert {event.unit for event in events if isinstance(event, Page)} == {PageUnit.SECTION}


def test_html_metadata(read: Read) -> None:
    stated = metadata(
        read(
            html.extract,
            '<html lang="id"><head><title>Judul | Situs</title><meta property="og:title" content="Judul">'
            '<meta name="author" content="Siti Aminah"><meta name="DC.creator" content="Budi Santoso">'
            '<meta property="article:published_time" content="2018-06-21T10:00:00+07:00"></head>'
            "<body><h1>Judul <i>besar</i></h1></body>",
        )
    )
    assert stated == FileMetadata(
        title="Judul",
        authors=("Siti Aminah", "Budi Santoso"),
        language="id",
        published="2018-06-21T10:00:00+07:00",
        heading="Judul besar",
    )


def test_self_closed_elements_of_xhtml_do_not_swallow_the_page(read: Read) -> None:
    page = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/>'
        '<script src="x.js"/></head><body><a id="x"/><p>terbaca</p></body></html>'
    )
    assert texts(read(html.extract, page)) == ["terbaca"]


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ('<meta charset="windows-1251">', "cp1251"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', "koi8-r"),
        ('<?xml version="1.0" encoding="iso-8859-5"?>', "iso-8859-5"),
        ('<meta charset="utf-8">', "utf-8"),
        ("", "utf-16"),
        # A page that states what it is not.
        ('<meta charset="no-such-encoding">', "utf-8"),
    ],
)
def test_html_is_read_in_the_encoding_that_it_states(read: Read, declaration: str, encoding: str) -> None:
    words = "Российская Федерация, Республика Карелия"
    assert texts(read(html.extract, f"{declaration}<p>{words}</p>".encode(encoding))) == [words]


def test_deep_nesting_is_no_trouble(read: Read) -> None:
    (section,) = texts(read(html.extract, "<div>" * 50_000 + "dalam" + "</div>" * 50_000))
    assert section == "dalam"


@pytest.mark.parametrize("page", ["<html></html>", "<p>", " ", "<table><tr><td>", "<frameset><frame src=x></frameset>"])
def test_html_without_words_is_one_empty_section(read: Read, page: str) -> None:
    assert texts(read(html.extract, page)) == [""]


# Plain text


def test_form_feeds_part_pages(read: Read) -> None:
    events = read(text.extract, "satu\r\nbaris\f\fdua\f")
    assert [(e.number, e.unit, e.text) for e in events if isinstance(e, Page)] == [
        (1, PageUnit.PAGE, "satu\nbaris"),
        (2, PageUnit.PAGE, ""),
        (3, PageUnit.PAGE, "dua"),
    ]


def test_a_single_form_feed_at_the_end_parts_nothing(read: Read) -> None:
    events = read(text.extract, "satu\f")
    assert [(e.unit, e.text) for e in events if isinstance(e, Page)] == [(PageUnit.SECTION, "satu")]


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Laporan “akhir” – résumé, naïve café, Rp 5.000", "cp1252"),
        ("Laporan “akhir” – résumé, naïve café, Lübeck", "mac_roman"),
        ("Laporan akhir tahun – résumé", "utf-8"),
        ("Laporan akhir tahun – résumé", "utf-8-sig"),
        ("Laporan akhir tahun – résumé", "utf-16"),
        ("Laporan akhir tahun", "utf-16-le"),
        ("Laporan akhir tahun", "utf-16-be"),
        ("Laporan akhir tahun", "utf-32"),
        ("Федеральный закон о противодействии терроризму", "cp1251"),
        ("リーダーシップに係る発行運営業務委託プロポーザル募集要項", "shift_jis"),
        ("中华人民共和国反恐怖主义法第一条为了防范和惩治恐怖活动", "gb18030"),
    ],
)
def test_text_is_read_in_the_encodings_that_people_have(read: Read, words: str, encoding: str) -> None:
    events = read(text.extract, (f"{words}\n" * 5).encode(encoding))
    assert texts(events)[0].split("\n") == [words] * 5
    assert left_out(events) == []


def test_a_few_broken_bytes_do_not_turn_utf_8_into_something_else(read: Read) -> None:
    content = ("– résumé naïve café\n" * 20).encode().replace(b"caf\xc3\xa9", b"caf\xc3", 1)
    events = read(text.extract, content)
    assert texts(events)[0].startswith("– résumé naïve caf\ufffd")
    assert left_out(events) == ["1 places hold bytes that are no character in utf-8"]


def test_rubbish_that_claims_to_be_text_is_corrupt(read: Read) -> None:
    for extractor in (text.extract, markdown.extract, html.extract):
        with pytest.raises(CorruptError):
            read(extractor, bytes(range(256)) * 20)


def test_text_that_goes_over_into_rubbish_is_read_so_far(read: Read) -> None:
    events = read(markdown.extract, b"# Judul\n\nisi yang baik\n\n" + bytes(range(32)) * 20)
    assert texts(events) == ["# Judul\n\nisi yang baik"]
    assert "no text" in left_out(events)[0]


# Markdown


def test_markdown_is_cut_at_headings_outside_of_code(read: Read) -> None:
    body = "kata " * 60
    source = (
        f"# **Satu** [pranala](http://x)\n\n{body}\n\nDua\n---\n\n{body}\n\n### Rincian\n\n{body}\n\n"
        f"```\n# bukan judul\n\n# juga bukan\n```\n\n{body}\n## Tiga ##\n{body}\n\n- - -\n\n{body}"
    )
    events = read(markdown.extract, source)
    assert [section.split("\n")[0] for section in texts(events)] == [
        "# **Satu** [pranala](http://x)",
        "Dua",
        "## Tiga ##",
    ]
    assert metadata(events).heading == "Satu pranala"


def test_front_matter_of_markdown_is_metadata_and_not_text(read: Read) -> None:
    source = "---\ntitle: Pedoman\nauthor:\n  - Siti Aminah\n  - Budi\ndate: 2018-06-21\nlang: id\n---\n\n# Bab\n\nisi"
    events = read(markdown.extract, source)
    assert metadata(events) == FileMetadata(
        title="Pedoman", authors=("Siti Aminah", "Budi"), language="id", published="2018-06-21", heading="Bab"
    )
    assert texts(events) == ["# Bab\n\nisi"]


@pytest.mark.parametrize("source", ["---\n\nisi\n\n---\n\nlagi", "---\n: [\n---\nisi", "---\n- a\n---\nisi"])
def test_lines_that_are_no_front_matter_stay_text(read: Read, source: str) -> None:
    assert "isi" in texts(read(markdown.extract, source))[0]
    assert metadata(read(markdown.extract, source)).title is None


# What they share


@given(st.lists(st.builds(Block, st.text("ab .\n", max_size=9_000), st.booleans()), max_size=12))
def test_sections_lose_no_word_and_are_of_sensible_size(blocks: list[Block]) -> None:
    cut = list(sections(blocks))
    assert cut
    assert "".join("".join(cut).split()) == "".join("".join(b.text for b in blocks).split())
    assert all(len(section) <= MAX_CHARACTERS + MIN_CHARACTERS + 2 * len(blocks) for section in cut)


def test_a_paragraph_without_end_is_cut_at_the_end_of_a_sentence() -> None:
    cut = list(sections([Block("Kalimat ini pendek. " * 1_000)]))
    assert all(TARGET_CHARACTERS // 2 < len(section) <= MAX_CHARACTERS for section in cut)
    assert all(section.startswith("Kalimat") and section.rstrip().endswith("pendek.") for section in cut)


@given(st.text())
def test_clean_text_can_be_kept(given_text: str) -> None:
    kept = clean(given_text)
    assert not FORBIDDEN.search(kept)
    assert kept.encode("utf-8").decode("utf-8") == kept
    assert clean(kept) == kept


@given(st.binary(max_size=400))
def test_whatever_the_bytes_decoding_ends_in_text_or_a_coded_error(content: bytes) -> None:
    try:
        decoded = decode(content)
    except CorruptError:
        return
    assert isinstance(decoded.text, str)

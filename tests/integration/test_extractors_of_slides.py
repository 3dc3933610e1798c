"""The extractor of presentations, on files made for it: what a reader of a slide sees is read, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pptx.presentation import Presentation as Made
from pptx.util import Inches

from holdings.errors import ArchiveBombError, CorruptError, FileError, UnsafeFileError
from holdings.model import PageUnit
from ingest.extractors import EXTRACTORS, pptx
from ingest.extractors.cleaning import cleaned
from ingest.media_types import POTX, PPSM, PPSX, PPTM, PPTX
from ingest.model import ExtractionEvent, Page
from ingest.sniffing import sniff
from tests.files import slides
from tests.files.events import left_out, metadata, texts
from tests.files.word import changed

Read = Callable[[bytes], list[ExtractionEvent]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return what the extractor finds in a file of this content."""

    def _read(content: bytes) -> list[ExtractionEvent]:
        path = tmp_path / "file.pptx"
        path.write_bytes(content)
        return list(cleaned(pptx.extract(path)))

    return _read


def test_a_slide_is_a_page_and_one_without_text_too(read: Read) -> None:
    def fill(made: Made) -> None:
        slides.add_slide(made, "Satu")
        slides.add_slide(made)
        slides.add_slide(made, "Tiga")

    pages = [event for event in read(slides.presentation(fill)) if isinstance(event, Page)]
    assert [(page.number, page.unit, page.text) for page in pages] == [
        (1, PageUnit.SLIDE, "Satu"),
        (2, PageUnit.SLIDE, ""),
        (3, PageUnit.SLIDE, "Tiga"),
    ]


def test_a_presentation_without_slides_has_one_empty_page(read: Read) -> None:
    assert texts(read(slides.presentation())) == [""]


def test_slides_come_in_the_order_of_the_presentation_not_of_their_files(read: Read) -> None:
    def fill(made: Made) -> None:
        for title in ("Satu", "Dua", "Tiga"):
            slides.add_slide(made, title)
        listed = made.slides._sldIdLst
        listed.insert(0, listed[2])

    assert texts(read(slides.presentation(fill))) == ["Tiga", "Satu", "Dua"]


def test_hidden_slides_are_read(read: Read) -> None:
    def fill(made: Made) -> None:
        slides.add_slide(made, "Tersembunyi")._element.set("show", "0")

    assert texts(read(slides.presentation(fill))) == ["Tersembunyi"]


def test_the_title_comes_first_then_groups_at_any_depth_and_tables_in_their_order(read: Read) -> None:
    def fill(made: Made) -> None:
        slide = slides.add_slide(made)
        slides.add_box(slide, "kotak")
        group = slide.shapes.add_group_shape()
        for _ in range(300):
            group = group.shapes.add_group_shape()
        group.shapes.add_textbox(Inches(1), Inches(1), Inches(1), Inches(1)).text_frame.text = "di dalam"
        table = slide.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(2), Inches(2)).table
        for number, cell in enumerate(table.iter_cells()):
            cell.text = f"sel{number}"
        title = slide.shapes.title
        assert title is not None
        title.text = "Judul"
        # Drawn last, on top of all.
        slide.shapes._spTree.append(title._element)

    assert texts(read(slides.presentation(fill))) == ["Judul\nkotak\ndi dalam\nsel0\tsel1\nsel2\tsel3"]


def test_notes_follow_the_slide_without_the_number_of_its_page(read: Read) -> None:
    def fill(made: Made) -> None:
        slide = slides.add_slide(made, "Judul")
        frame = slide.notes_slide.notes_text_frame
        assert frame is not None
        frame.text = "Sampaikan dengan tenang"

    content = changed(
        slides.presentation(fill),
        {
            "ppt/notesSlides/notesSlide1.xml": lambda part: part.replace(
                b"</p:spTree>",
                f"<p:w {slides.NAMESPACES}>{slides.shape('41', placeholder='sldNum')}</p:w></p:spTree>".encode(),
            )
        },
    )
    assert texts(read(content)) == ["Judul\nSampaikan dengan tenang"]


OLD_COMMENTS = f"""<p:cmLst {slides.NAMESPACES}><p:cm authorId="0" idx="1"><p:pos x="1" y="1"/>
  <p:text>Periksa angkanya</p:text></p:cm></p:cmLst>"""
NEW_COMMENTS = f"""<p188:cmLst {slides.NAMESPACES}><p188:cm id="1"><p188:replyLst><p188:reply id="2"><p188:txBody>
  <a:p><a:r><a:t>Sudah</a:t></a:r></a:p></p188:txBody></p188:reply></p188:replyLst><p188:txBody><a:p><a:r>
  <a:t>Sumbernya?</a:t></a:r></a:p></p188:txBody></p188:cm></p188:cmLst>"""


@pytest.mark.parametrize(
    ("comments", "expected"), [(OLD_COMMENTS, ["Periksa angkanya"]), (NEW_COMMENTS, ["Sudah", "Sumbernya?"])]
)
def test_comments_of_both_forms_are_read_with_their_answers(read: Read, comments: str, expected: list[str]) -> None:
    content = slides.with_shapes("", parts=[("comment1", "comments", comments)])
    assert texts(read(content)) == ["\n".join(["Judul", *expected])]


SHAPES = {
    "paragraphs": (slides.shape("satu", "dua"), "satu\ndua"),
    "breaks, fields and formulas": (
        slides.shape(
            "<a:p><a:r><a:t>a</a:t></a:r><a:br/><a:fld type='datetime1'><a:t>b</a:t></a:fld>"
            "<m:oMath xmlns:m='x'><m:r><m:t>=c</m:t></m:r></m:oMath></a:p>"
        ),
        "a\nb=c",
    ),
    "the first of alternatives": (
        f"<mc:AlternateContent><mc:Choice Requires='a14'>{slides.shape('baru')}</mc:Choice>"
        f"<mc:Choice Requires='a13'>{slides.shape('tua')}</mc:Choice>"
        f"<mc:Fallback>{slides.shape('gambar')}</mc:Fallback></mc:AlternateContent>",
        "baru",
    ),
    "what is there for older programs when nothing else is": (
        f"<mc:AlternateContent><mc:Fallback>{slides.shape('lama')}</mc:Fallback></mc:AlternateContent>",
        "lama",
    ),
    "margins at the end": (
        slides.shape("Deputi I", placeholder="ftr") + slides.shape("‹#›", placeholder="sldNum") + slides.shape("isi"),
        "isi\nDeputi I",
    ),
    "numbers of lists": (
        slides.shape(
            "<a:p><a:pPr><a:buAutoNum type='arabicPeriod' startAt='3'/></a:pPr><a:r><a:t>tiga</a:t></a:r></a:p>",
            "<a:p><a:pPr><a:buAutoNum type='arabicPeriod' startAt='3'/></a:pPr></a:p>",
            "<a:p><a:pPr lvl='1'><a:buAutoNum type='alphaLcParenR'/></a:pPr><a:r><a:t>anak</a:t></a:r></a:p>",
            "<a:p><a:pPr lvl='1'><a:buAutoNum type='alphaLcParenR'/></a:pPr><a:r><a:t>adik</a:t></a:r></a:p>",
            "<a:p><a:pPr><a:buAutoNum type='arabicPeriod' startAt='3'/></a:pPr><a:r><a:t>empat</a:t></a:r></a:p>",
            "<a:p><a:pPr lvl='1'><a:buAutoNum type='romanUcParenBoth'/></a:pPr><a:r><a:t>lain</a:t></a:r></a:p>",
            "biasa",
            "<a:p><a:pPr><a:buAutoNum type='arabicPlain'/></a:pPr><a:r><a:t>baru</a:t></a:r></a:p>",
        ),
        "3. tiga\na) anak\nb) adik\n4. empat\n(I) lain\nbiasa\n1 baru",
    ),
}


@pytest.mark.parametrize("case", SHAPES)
def test_what_a_shape_can_hold_is_read_once(read: Read, case: str) -> None:
    xml, expected = SHAPES[case]
    assert texts(read(slides.with_shapes(xml))) == [f"Judul\n{expected}"]


def test_charts_are_read_with_titles_categories_series_and_values(read: Read) -> None:
    def fill(made: Made) -> None:
        slide = slides.add_slide(made, "Grafik")
        chart = slides.add_columns(
            slide, ["Jawa Tengah", "Papua"], {"2023": (0.25, 0.1), "2024": (0.3, 0.125)}, number_format="0%"
        )
        chart.has_title = True
        chart.chart_title.text_frame.text = "Serapan anggaran"
        chart.value_axis.has_title = True
        chart.value_axis.axis_title.text_frame.text = "Persen"
        slides.add_scatter(slide, "Hubungan", [(1, 0.1 + 0.2), (2, 1e6)])

    (text,) = texts(read(slides.presentation(fill)))
    assert text.split("\n") == [
        "Grafik",
        "Serapan anggaran",
        "Jawa Tengah\tPapua",
        "2023\t25%\t10%",
        "2024\t30%\t12.5%",
        "Persen",
        "1\t2",
        "Hubungan\t0.3\t1000000",
    ]


def test_diagrams_are_read_as_a_tree_without_prompts(read: Read) -> None:
    data = slides.diagram(
        {
            "2": slides.point("Pelaksanaan"),
            "0": 'type="doc">',
            "1": slides.point("Perencanaan"),
            "11": slides.point("Rincian"),
            "3": '><dgm:prSet phldr="1"/><dgm:t><a:p><a:r><a:t>[Text]</a:t></a:r></a:p></dgm:t>',
            "4": 'type="pres"><dgm:t><a:p><a:r><a:t>Perencanaan</a:t></a:r></a:p></dgm:t>',
        },
        [("0", "2", 1), ("0", "1", 0), ("1", "11", 0), ("0", "3", 2)],
    )
    frame = (
        "<p:graphicFrame><a:graphic><a:graphicData><dgm:relIds r:dm='data1'/></a:graphicData></a:graphic>"
        "</p:graphicFrame>"
    )
    content = slides.with_shapes(frame, parts=[("data1", "diagramData", data)])
    assert texts(read(content)) == ["Judul\nPerencanaan\nRincian\nPelaksanaan"]


def _on(part: bytes, *shapes: str) -> bytes:
    added = f"<p:w {slides.NAMESPACES}>{''.join(shapes)}</p:w></p:spTree>".encode()
    return part.replace(b"</p:spTree>", added)


def test_what_layout_and_master_write_on_slides_stands_once_and_their_prompts_never(read: Read) -> None:
    content = changed(
        slides.titled("Satu", "Dua"),
        {
            "ppt/slideLayouts/slideLayout6.xml": lambda part: _on(part, slides.shape("Lambang Garuda")),
            "ppt/slideMasters/slideMaster1.xml": lambda part: _on(
                part, slides.shape("Republik Indonesia"), slides.shape("Click to edit", placeholder="body")
            ),
        },
    )
    assert texts(read(content)) == ["Satu\nLambang Garuda\nRepublik Indonesia", "Dua"]


def test_a_slide_that_hides_the_background_does_not_show_its_words(read: Read) -> None:
    def fill(made: Made) -> None:
        slides.add_slide(made, "Satu")._element.set("showMasterSp", "0")

    content = changed(
        slides.presentation(fill),
        {"ppt/slideLayouts/slideLayout6.xml": lambda part: _on(part, slides.shape("Lambang"))},
    )
    assert texts(read(content)) == ["Satu"]


def test_properties_and_the_title_of_the_first_slide_are_read(read: Read) -> None:
    def fill(made: Made) -> None:
        slides.add_slide(made)
        slides.add_slide(made, "Peta jalan\v2045")
        slides.add_slide(made, "Lain")

    stated = metadata(read(slides.presentation(fill, title="Paparan", author="Siti Aminah; Budi")))
    assert (stated.title, stated.authors, stated.heading) == ("Paparan", ("Siti Aminah", "Budi"), "Peta jalan 2045")


MAIN = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        (MAIN, PPTX),
        (MAIN.replace(b"presentation.main", b"slideshow.main"), PPSX),
        (MAIN.replace(b"presentation.main", b"template.main"), POTX),
        (b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml", PPTM),
        (b"application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml", PPSM),
    ],
)
def test_shows_templates_and_those_with_macros_are_read(
    read: Read, tmp_path: Path, kind: bytes, media_type: str
) -> None:
    content = changed(slides.titled("Satu"), {"[Content_Types].xml": lambda part: part.replace(MAIN, kind)})
    assert texts(read(content)) == ["Satu"]
    assert sniff(tmp_path / "file.pptx") == media_type
    assert EXTRACTORS[media_type].module == pptx.__name__


# What is damaged


def test_of_a_damaged_slide_what_stands_before_the_damage_is_read(read: Read) -> None:
    def cut(part: bytes) -> bytes:
        return part[: part.index(b"</a:t>") + len(b"</a:t>")] + b"<oops &"

    events = read(changed(slides.titled("Satu", "Dua", "Tiga"), {"ppt/slides/slide2.xml": cut}))
    assert texts(events) == ["Satu", "Dua", "Tiga"]
    assert [reason[:9] for reason in left_out(events)] == ["Slide 2: "]


@pytest.mark.parametrize("lost", ["ppt/slides/slide2.xml", "ppt/slides/_rels/slide2.xml.rels"])
def test_a_lost_slide_keeps_its_number(read: Read, lost: str) -> None:
    events = read(changed(slides.titled("Satu", "Dua", "Tiga"), {lost: None}))
    assert [text.split("\n")[0] for text in texts(events)] in (["Satu", "", "Tiga"], ["Satu", "Dua", "Tiga"])
    assert len(texts(events)) == 3
    assert bool(left_out(events)) == lost.endswith("slide2.xml")


@pytest.mark.parametrize("lost", ["ppt/presentation.xml", "ppt/_rels/presentation.xml.rels"])
def test_slides_are_found_without_the_list_of_them(read: Read, lost: str) -> None:
    assert texts(read(changed(slides.titled("Satu", "Dua"), {lost: None}))) == ["Satu", "Dua"]


def test_a_part_with_a_wrong_checksum_is_read_and_told(read: Read) -> None:
    content = slides.titled("Satu", "Dua")
    at = content.index(b"ppt/slides/slide2.xml", content.rindex(b"PK\x03\x04"))
    entry = content.rindex(b"PK\x01\x02", 0, at)
    broken = bytearray(content)
    broken[entry + 16] ^= 0xFF
    events = read(bytes(broken))
    assert texts(events) == ["Satu", "Dua"]
    assert "slide2.xml is damaged" in left_out(events)[0]


def test_a_file_whose_end_is_missing_is_read_as_far_as_it_goes(read: Read) -> None:
    content = slides.titled("Satu", "Dua", "Tiga")
    events = read(content[: content.index(b"PK\x01\x02") - 200])
    assert texts(events)[:3] == ["Satu", "Dua", "Tiga"]
    assert "damaged" in left_out(events)[0]


DOCTYPE = b'<!DOCTYPE x [<!ENTITY e "kejutan">]>'


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (slides.titled("Satu")[:300], CorruptError),
        (b"PK\x03\x04", CorruptError),
        (b"bukan zip", CorruptError),
        (
            changed(slides.titled("Satu"), {"ppt/presentation.xml": None, "ppt/slides/slide1.xml": None}),
            CorruptError,
        ),
        (
            changed(
                slides.titled("Satu"), {"ppt/slides/slide1.xml": lambda part: part.replace(b"?>", b"?>" + DOCTYPE)}
            ),
            UnsafeFileError,
        ),
        (
            # In a part that is not named as XML.
            changed(
                slides.titled("Satu"),
                {
                    "ppt/slides/slide1.xml": None,
                    "ppt/_rels/presentation.xml.rels": lambda part: part.replace(b"slide1.xml", b"slide1.bin"),
                },
                added={"ppt/slides/slide1.bin": DOCTYPE + b"<x>&e;</x>"},
            ),
            UnsafeFileError,
        ),
        (changed(slides.titled("Satu"), {}, added={"ppt/media/a.xml": b" " * 101_000_000}), ArchiveBombError),
    ],
)
def test_what_is_no_sound_presentation_is_a_coded_failure(read: Read, content: bytes, error: type[FileError]) -> None:
    with pytest.raises(error):
        read(content)

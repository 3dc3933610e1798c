"""Words, sketches, comparing and classes of duplicate triage, on texts made for the purpose."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest

from benchmarks.quality.deriving import edited, misread
from holdings.model import Page, PageUnit
from holdings.relations import Relation
from ingest.duplicates.anchors import anchors_of
from ingest.duplicates.classes import Described, class_of, edition_of, is_later, titles_agree
from ingest.duplicates.comparing import Comparison, compare
from ingest.duplicates.sketches import MAX_SAMPLE, sketch_of
from ingest.duplicates.translations import correspondence
from ingest.duplicates.words import SHINGLE_WORDS, Words, fold, hash_of, shingles, words_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FORMULA = (
    "dengan rahmat tuhan yang maha esa presiden republik indonesia menimbang bahwa berdasarkan pertimbangan sebagaimana"
    " dimaksud dalam huruf a dan huruf b perlu membentuk undang undang"
)


def pages(*texts: str) -> list[Page]:
    return [Page(number, PageUnit.PAGE, text) for number, text in enumerate(texts, 1)]


def prose(seed: int, words: int) -> str:
    """Return sentences of invented words, always the same for a seed."""
    chance = random.Random(seed)
    vocabulary = ["".join(chance.choices("aeioubdgklmnprst", k=chance.randint(3, 9))) for _ in range(600)]
    out = []
    for number in range(words):
        word = chance.choice(vocabulary)
        out.append(f"{word}." if number % 12 == 11 else word)
    return " ".join(out)


def compared(mine: list[Page], other: list[Page]) -> Comparison:
    return compare(words_of(mine, spelled=True), words_of(other, spelled=True))


def described(
    title: str | None = None,
    number: str | None = None,
    opening: str = "",
    language: str = "id",
    date: str | None = None,
) -> Described:
    return Described(title, number, date, language, NOW, opening)


def class_between(mine: list[Page], other: list[Page], first: Described | None = None) -> Relation:
    return class_of(compared(mine, other), first or described(), described())


class TestWords:
    def test_folding_is_that_of_the_fingerprint(self) -> None:
        assert fold("ＰＡＳＡＬ ５\nStraße—ﬁnal") == ["pasal", "5", "strasse", "final"]

    def test_each_word_has_the_number_of_its_page(self) -> None:
        words = words_of(pages("satu dua", "", "tiga"))
        assert words.pages.tolist() == [1, 1, 3]
        assert len(words) == 3

    def test_shingles_are_as_many_as_runs_of_words(self) -> None:
        words = words_of(pages(prose(1, 40)))
        assert len(shingles(words.hashes)) == 40 - SHINGLE_WORDS + 1
        assert len(shingles(words.hashes[: SHINGLE_WORDS - 1])) == 0

    def test_hashes_are_the_same_in_every_process(self) -> None:
        code = "from ingest.duplicates.words import hash_of; print(hash_of('terorisme'))"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert int(run.stdout) == hash_of("terorisme")

    def test_a_lone_surrogate_is_a_letter_like_others(self) -> None:
        assert len(words_of(pages("a\ud800b c"))) > 0


class TestSketches:
    def test_what_is_kept_does_not_change(self) -> None:
        """Sketches in catalogues are compared with those of later versions: a change must raise TRIAGE_VERSION."""
        sketch = sketch_of(pages(prose(1, 3000)))
        assert sketch.signature[:3].tolist() == [987021, 2201449, 417010]
        assert (len(sketch.bands), len(sketch.shingles)) == (16, 57)

    def test_pages_do_not_matter(self) -> None:
        text = prose(2, 2000)
        words = text.split()
        whole, cut = sketch_of(pages(text)), sketch_of(pages(" ".join(words[:700]), " ".join(words[700:])))
        assert np.array_equal(whole.marks, cut.marks)

    def test_an_excerpt_shares_the_sample_of_its_whole(self) -> None:
        long, part = prose(3, 60_000), prose(3, 60_000).split()[20_000:24_000]
        whole, excerpt = sketch_of(pages(long)), sketch_of(pages(" ".join(part)))
        assert len(whole.shingles) <= MAX_SAMPLE
        assert len(np.intersect1d(whole.shingles, excerpt.shingles)) >= 8

    def test_texts_that_have_nothing_in_common_share_no_mark(self) -> None:
        first, second = sketch_of(pages(prose(4, 3000))), sketch_of(pages(prose(5, 3000)))
        assert len(np.intersect1d(first.marks, second.marks)) == 0
        assert first.resemblance(second.signature.tobytes()) < 0.1

    @pytest.mark.parametrize("text", ["", "satu", "satu dua tiga empat"])
    def test_texts_of_a_few_words_have_no_marks(self, text: str) -> None:
        assert sketch_of(pages(text)).marks.tolist() == []


class TestComparing:
    def test_an_excerpt_stands_on_its_pages(self) -> None:
        texts = [prose(10 + n, 300) for n in range(6)]
        found = compared(pages(texts[2], texts[3]), pages(*texts))
        assert found.shared == pytest.approx(1.0)
        assert found.other == pytest.approx(2 / 6, abs=0.01)
        assert found.pages == ((1, 3), (2, 4))

    def test_formulas_are_no_passages(self) -> None:
        short = FORMULA[:150]
        found = compared(pages(f"{prose(20, 400)} {short} {prose(21, 400)}"), pages(f"{prose(22, 400)} {short}"))
        assert (found.shared, found.pages) == (0.0, ())

    def test_order_counts(self) -> None:
        parts = [prose(30 + n, 200) for n in range(8)]
        assert compared(pages(*parts), pages(*parts)).in_order == 1.0
        assert compared(pages(*parts), pages(*reversed(parts))).in_order < 0.2

    def test_a_text_that_repeats_itself_is_the_same_as_its_copy(self) -> None:
        rows = " ".join(f"provinsi nomor {n} laporan selesai tepat waktu" for n in (*range(40), *range(40)))
        assert compared(pages(rows), pages(rows)).shared > 0.95

    def test_long_texts_are_sampled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ingest.duplicates.comparing._MAX_MEETINGS", 500)
        text = prose(40, 6000)
        found = compared(pages(text), pages(f"{prose(41, 3000)} {text}"))
        assert found.shared > 0.95

    @pytest.mark.parametrize("text", ["", "satu dua"])
    def test_empty_texts_have_nothing_in_common(self, text: str) -> None:
        assert compared(pages(text), pages(text)).shared == 0.0


class TestClasses:
    def test_a_copy_with_misread_letters_is_identical(self) -> None:
        texts = [prose(50 + n, 300) for n in range(5)]
        copy = [misread(text, 0.02, random.Random(1)) for text in texts]
        assert class_between(pages(*copy), pages(*texts)) is Relation.IDENTICAL

    def test_a_copy_with_running_heads_is_identical(self) -> None:
        texts = [prose(60 + n, 300) for n in range(5)]
        copy = [f"Perpustakaan BNPT\n{text}\n{n}" for n, text in enumerate(texts, 1)]
        assert class_between(pages(*copy), pages(*texts)) is Relation.IDENTICAL

    @pytest.mark.parametrize("part", [0.05, 0.15, 0.3])
    def test_an_edited_text_is_a_new_version(self, part: float) -> None:
        texts = [prose(70 + n, 300) for n in range(5)]
        version = edited(texts, part, [prose(99, 600)], random.Random(2))
        title = described("Pedoman Pencegahan (Edisi Revisi)", opening=" ".join(fold(version[0])[:100]))
        found = compared(pages(*version), pages(*texts))
        assert class_of(found, title, described("Pedoman Pencegahan")) is Relation.NEW_VERSION

    def test_another_date_alone_is_a_new_version(self) -> None:
        text = prose(80, 900)
        old, new = f"Laporan berkala 12 Maret 2023 {text}", f"Laporan berkala 4 April 2024 {text}"
        assert class_between(pages(new), pages(old)) is Relation.NEW_VERSION

    def test_laws_of_one_pattern_are_related_and_no_versions(self) -> None:
        sentences = [f"{prose(90 + n, 25)} kabupaten {{}} {prose(190 + n, 10)}" for n in range(30)]
        first = " ".join(sentences).replace("{}", "kudus")
        second = " ".join(sentences).replace("{}", "lingga")
        found = compared(pages(first), pages(second))
        titles = described("Pembentukan Kabupaten Kudus"), described("Pembentukan Kabupaten Lingga")
        assert class_of(found, *titles) is Relation.RELATED

    def test_laws_with_other_numbers_are_no_versions(self) -> None:
        texts = [prose(300 + n, 300) for n in range(5)]
        following = edited(texts, 0.1, [prose(99, 600)], random.Random(2))
        found = compared(pages(*following), pages(*texts))
        laws = described("APBN 2013", "UU 19/2012"), described("APBN 2014", "UU 23/2013")
        assert class_of(found, *laws) is Relation.RELATED
        draft = described("Rancangan Undang-Undang APBN", "UU 19/2012")
        assert class_of(found, described("APBN", "UU 23/2013"), draft) is Relation.NEW_VERSION

    def test_a_chapter_is_an_excerpt(self) -> None:
        texts = [prose(400 + n, 300) for n in range(6)]
        assert class_between(pages(*texts[1:3]), pages(*texts)) is Relation.EXCERPT
        assert class_between(pages(*texts), pages(*texts[1:3])) is Relation.EXCERPT

    def test_a_common_chapter_makes_two_texts_related(self) -> None:
        chapter = prose(500, 400)
        found = class_between(pages(chapter, prose(501, 500)), pages(prose(502, 900), chapter))
        assert found is Relation.RELATED

    def test_formulas_make_no_relation(self) -> None:
        first, second = f"{FORMULA} {prose(600, 500)}", f"{FORMULA} {prose(601, 500)}"
        assert class_between(pages(first), pages(second)) is Relation.NONE

    def test_what_took_the_others_place_is_a_version_at_less(self) -> None:
        texts = [prose(700 + n, 300) for n in range(5)]
        version = [*texts[:2], *(prose(800 + n, 300) for n in range(3))]
        found = compared(pages(*version), pages(*texts))
        assert class_of(found, described(), described()) is Relation.RELATED
        assert class_of(found, described(), described(), expected=True) is Relation.NEW_VERSION

    @pytest.mark.parametrize(
        ("mine", "other", "agree"),
        [
            ("Pedoman Pencegahan", "Pedoman Pencegahan (Edisi Revisi 2024)", True),
            ("Rencana Aksi Nasional 2020", "Rencana Aksi Nasional Tahun 2024", True),
            ("Pembentukan Kabupaten Kudus", "Pembentukan Kabupaten Lingga", False),
            ("Laporan", None, False),
        ],
    )
    def test_titles(self, mine: str, other: str | None, agree: bool) -> None:
        assert titles_agree(mine, other) is agree

    @pytest.mark.parametrize(
        ("opening", "edition"),
        [
            ("edisi kedua maret 2024 laporan", 2),
            ("laporan edisi ke 3 jakarta", 3),
            ("revisi 2 14 agustus 2023", 2),
            ("second edition may 2022", 2),
            ("versi 3 1 pedoman", 3),
            ("laporan tahun 2024", 1),
        ],
    )
    def test_editions(self, opening: str, edition: int) -> None:
        assert edition_of(opening) == edition

    def test_the_newer_goes_back_to_the_older(self) -> None:
        second, first = described(opening="edisi kedua"), described(opening="pedoman")
        assert is_later(Relation.NEW_VERSION, second, first, mine_is_shorter=True)
        assert not is_later(Relation.NEW_VERSION, first, second, mine_is_shorter=True)
        older, newer = described(date="2019-02-01"), described(date="2021-03-01")
        assert is_later(Relation.NEW_VERSION, newer, older, mine_is_shorter=True)
        draft, law = described("Rancangan Undang-Undang Perlindungan"), described("Undang-Undang Perlindungan")
        assert is_later(Relation.NEW_VERSION, law, draft, mine_is_shorter=True)

    def test_the_translation_goes_back_to_the_original(self) -> None:
        indonesian, english = described(), described(language="en")
        assert is_later(Relation.TRANSLATION, english, indonesian, mine_is_shorter=False)
        said = described(opening="terjemahan tidak resmi")
        assert is_later(Relation.TRANSLATION, said, english, mine_is_shorter=False)


class TestTranslations:
    INDONESIAN = (
        "Pelatihan di Surakarta diikuti 148 peserta dengan biaya Rp1.250.000.000 dari UNDP dan Wahid Foundation.\n"
        "Nilai naik dari 54,3 menjadi 78,9 menurut penilaian bersama Densus dan PPATK pada tahun 2023."
    )
    ENGLISH = (
        "The training in Surakarta had 148 participants and cost IDR 1,250,000,000 from UNDP and Wahid Foundation.\n"
        "The score rose from 54.3 to 78.9 in the assessment by Densus and PPATK in the year 2023."
    )

    def test_numbers_are_the_same_however_they_are_written(self) -> None:
        first, second = anchors_of(pages("biaya 1.250.000,50")), anchors_of(pages("a cost of 1,250,000.50"))
        assert first.hashes.tolist() == second.hashes.tolist()

    def test_anchors_of_a_translation_come_in_the_same_order(self) -> None:
        found = correspondence(anchors_of(pages(self.INDONESIAN)), anchors_of(pages(self.ENGLISH)))
        assert found.shared > 0.7
        assert found.matched >= 8
        assert found.pages == ((1, 1),)

    def test_the_numbers_of_articles_are_no_sign_of_a_translation(self) -> None:
        first = " ".join(f"Pasal {n} {prose(n, 20)}" for n in range(10, 60))
        second = " ".join(f"Article {n} {prose(n + 100, 20)}" for n in range(10, 60))
        assert correspondence(anchors_of(pages(first)), anchors_of(pages(second))).shared == 0.0


def test_comparing_needs_no_spelling() -> None:
    """Of very long texts only hashes are kept."""
    words = words_of(pages(prose(1, 500)))
    assert isinstance(words, Words)
    assert compare(words, words).shared == pytest.approx(1.0)

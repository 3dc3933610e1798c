"""Which texts of a PDF page look bad, and which of two is the better one."""

from __future__ import annotations

import pytest

from ingest.extractors.pdf_quality import has_mistakes, is_better, looks_doubtful, recognition_score

LAW = """Dalam Undang-Undang ini yang dimaksud dengan:
1. Tindak Pidana Terorisme adalah segala perbuatan yang memenuhi unsur-unsur tindak pidana sesuai dengan
ketentuan dalam Undang-Undang ini.
2. Setiap Orang adalah orang perseorangan, kelompok orang, baik sipil, militer, maupun polisi yang bertanggung
jawab secara individual, atau korporasi.
3. Kekerasan adalah setiap perbuatan penyalahgunaan kekuatan fisik dengan atau tanpa menggunakan sarana secara
melawan hukum dan menimbulkan bahaya bagi badan, nyawa, dan kemerdekaan orang, termasuk menjadikan orang pingsan
atau tidak berdaya. Nomor 15 Tahun 2003 tentang Penetapan Peraturan Pemerintah Pengganti Undang-Undang."""
ENGLISH = "The prevention of violent extremism is a task for the whole of government and of society. " * 6
FIGURES = "\n".join(f"{n} {n * 17} {n * 3},5 {n * 101}" for n in range(60))


def shifted(text: str) -> str:
    """Return a text in a wrong encoding, as fonts without a table of letters give it."""
    return "".join(chr(ord(letter) + 3) if letter.isalpha() else letter for letter in text)


@pytest.mark.parametrize("text", [LAW, ENGLISH, LAW.upper(), FIGURES, "", "Lampiran", f"• {LAW}\n\uf0b7 butir"])
def test_good_pages_are_not_doubted(text: str) -> None:
    assert not looks_doubtful(text)


@pytest.mark.parametrize(
    "text",
    [
        shifted(LAW + ENGLISH),
        LAW.replace("e", "\ufffd"),
        LAW.replace("a", "\x03"),
        LAW.replace(" orang", " (cid:17)(cid:9)"),
        LAW.replace("n", "\ue123"),
        "\n".join("Pasal\n6\n5\nCukup jelas." for _ in range(12)),
    ],
)
def test_bad_pages_are_doubted(text: str) -> None:
    assert looks_doubtful(text)


def test_the_better_text_is_the_one_with_more_words_that_exist() -> None:
    assert is_better(LAW, shifted(LAW))
    assert is_better(LAW, LAW.replace("a", "\ufffd"))
    assert is_better(LAW, LAW[:200])
    assert not is_better(shifted(LAW), LAW)
    assert not is_better(LAW, LAW), "of equals the usual one is kept"
    assert not is_better(" ".join(LAW), LAW)


@pytest.mark.parametrize(
    "bad",
    [
        LAW.replace("2003", "2OO3"),
        LAW.replace("15", "l5"),
        LAW.replace("Kekerasan", "Keke(rasan"),
        LAW.replace("e", "c").replace("m", "rn"),
    ],
)
def test_mistakes_of_recognition_are_seen(bad: str) -> None:
    assert has_mistakes(bad)
    assert recognition_score(LAW) > recognition_score(bad)


@pytest.mark.parametrize(
    "good", [LAW, ENGLISH, "Pasal 10A ayat (1) huruf b dan UU 12/2017, Rp10.000,00; www.bnpt.go.id"]
)
def test_what_is_right_is_no_mistake(good: str) -> None:
    assert not has_mistakes(good)

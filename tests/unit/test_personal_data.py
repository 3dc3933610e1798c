"""Places that look like personal data: what is found, what is not, and in what time. All of it is made up."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from holdings.personal_data import Kind
from ingest.personal_data import find

FOUND = [
    ("NIK : 3173054507900001, Jakarta", Kind.NIK, "3173054507900001"),
    ("No. KTP 3273 0115 0885 0003.", Kind.NIK, "3273 0115 0885 0003"),
    ("nomor kartu keluarga 33.12.04.450790.0002", Kind.NIK, "33.12.04.450790.0002"),
    # Merauke had this code while it was a part of Papua.
    ("9101011208800004", Kind.NIK, "9101011208800004"),
    ("NPWP 01.234.567.8-901.000 atas nama", Kind.NPWP, "01.234.567.8-901.000"),
    ("NPWP: 012345678901000", Kind.NPWP, "012345678901000"),
    ("NPWP baru 0012345678901000", Kind.NPWP, "0012345678901000"),
    ("HP 0812-3456-7890", Kind.PHONE, "0812-3456-7890"),
    ("WA:+62 813 1234 5678", Kind.PHONE, "+62 813 1234 5678"),
    ("(+62) 857-1234-5678 (Sari)", Kind.PHONE, "(+62) 857-1234-5678"),
    ("hubungi 6281234567890", Kind.PHONE, "6281234567890"),
    ("kontak/081234567890/email", Kind.PHONE, "081234567890"),
    ("0812 3456 7890 2019 0 0", Kind.PHONE, "0812 3456 7890"),
    ("tulis ke sari.dewi@contoh.example.org.", Kind.EMAIL, "sari.dewi@contoh.example.org"),
    ("sekretariat.bidang2@contoh.go.id", Kind.OFFICE_EMAIL, "sekretariat.bidang2@contoh.go.id"),
    ("contoh@contoh.go.id", Kind.OFFICE_EMAIL, "contoh@contoh.go.id"),
    ("No. Rek. 0123-01-004567-50-8 a.n. Sari", Kind.BANK_ACCOUNT, "0123-01-004567-50-8"),
    ("rekening BNI 1234567890", Kind.BANK_ACCOUNT, "1234567890"),
    ("Bank Mandiri KCP Poso 123-00-0456789-1", Kind.BANK_ACCOUNT, "123-00-0456789-1"),
    ("Telp. (021) 345 6789", Kind.LANDLINE, "(021) 345 6789"),
    ("Telepon 0274-512345", Kind.LANDLINE, "0274-512345"),
    ("Phone: +62 21 3456789", Kind.LANDLINE, "+62 21 3456789"),
]
NOT_FOUND = [
    "Undang-Undang Nomor 5 Tahun 2018 tentang Perubahan atas Undang-Undang Nomor 15 Tahun 2003",
    "Lembaran Negara Republik Indonesia Tahun 2018 Nomor 92, Tambahan Nomor 6216",
    "Perpres 7/2021; SKEP/1234/XII/2020; Nomor: W7.U1/12345678/HK.01/8/2019",
    "ISBN 978-602-8123-45-6, ISSN 2087-1234, EAN 9786028123456",
    "bantuan sebesar Rp 1.250.000.000,00 dan Rp081.234.567.890 dari rekening kas negara Rp 12.500.000.000",
    "kode rekening 5.1.02.01.01.0024 dan kode rekening belanja 51020101002400",
    "rekening kas daerah 2010-2013 dan 2014 2015",
    "pada 08-12-2019 12:30:45, 12/08/2019, 2019-08-12T10:20:30",
    "koordinat -6.2088123456, 106.8456123456 dan 1234.5678901234",
    "#08123456789012 @0812345678 /documents/0812abc",
    "halaman 12 13 14 15 16 17 18 19 20",
    # Sixteen digits that are no NIK: no such place, no such day, no such month, no serial.
    "9973054507900001 3173053207900001 3173054513900001 3173054507900000",
    "012345678901000 tanpa kata di depannya",
    "nama@server pengguna@ @contoh.org a@b",
    "021-3456789 tanpa kata di depannya",
]


@pytest.mark.parametrize(("text", "kind", "words"), FOUND)
def test_finds_what_looks_like_personal_data(text: str, kind: Kind, words: str) -> None:
    assert [(place.kind, text[place.start : place.end]) for place in find(text)] == [(kind, words)]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_numbers_of_laws_reports_and_budgets_are_none(text: str) -> None:
    assert [text[place.start : place.end] for place in find(text)] == []


def test_places_stand_in_the_order_of_the_text_and_do_not_overlap() -> None:
    text = "\n".join(words for words, _, _ in FOUND)
    places = find(text)
    assert len(places) == len(FOUND)
    assert all(before.end <= after.start for before, after in pairwise(places))


@pytest.mark.parametrize(
    "piece",
    ["0", "8", "08", "0 8 ", "1.", "1-", "1 ", "a.", "a@", "@", "a@a.", "@a-", "(", "+62", "(0", "rek 1 ", "62 ", "a"],
)
def test_the_time_grows_with_the_length_of_the_text_alone(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.perf_counter()
    find(text)
    # Half a second, in truth; a rule that goes back over the text would take minutes.
    assert time.perf_counter() - began < 20

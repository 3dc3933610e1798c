"""The extractors of files that hold files: archives and mails."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdings.errors import ArchiveBombError, CorruptError, EmptyFileError, EncryptedError
from ingest import media_types
from ingest.extractors import archive, mail
from ingest.extractors.cleaning import cleaned
from ingest.extractors.member_names import MemberNames, clean_name, zip_name
from ingest.model import ExtractionEvent, Extractor, Member
from ingest.sandbox import Sandbox
from ingest.sniffing import media_type_of, sniff
from tests.files.events import metadata, texts

Read = Callable[[Extractor, bytes], list[ExtractionEvent]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return what an extractor finds in a file of this content."""

    def _read(extractor: Extractor, content: bytes) -> list[ExtractionEvent]:
        path = tmp_path / "file"
        path.write_bytes(content)
        return list(cleaned(extractor(path)))

    return _read


def zipped(entries: Sequence[tuple[str | ZipInfo, bytes]]) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return file.getvalue()


def members(events: Sequence[ExtractionEvent]) -> dict[str, bytes]:
    """Return the members by name, put together from their parts."""
    found: dict[str, bytes] = {}
    open_name = None
    for event in events:
        if isinstance(event, Member):
            assert event.refused is None
            assert open_name in (None, event.name)
            assert len(event.content) <= archive.PART_BYTES
            found[event.name] = found.get(event.name, b"") + event.content
            open_name = None if event.last else event.name
    assert open_name is None
    return found


def refusals(events: Sequence[ExtractionEvent]) -> dict[str, str]:
    return {event.name: event.refused[0] for event in events if isinstance(event, Member) and event.refused}


# Archives


def test_members_of_an_archive_are_handed_on_in_parts_through_the_sandbox(tmp_path: Path) -> None:
    large = bytes(range(256)) * 3_000
    path = tmp_path / "a.zip"
    path.write_bytes(zipped([("laporan/", b""), ("laporan/besar.bin", large), ("kecil.txt", b"isi"), ("nol", b"")]))
    assert sniff(path) == media_types.ZIP
    with Sandbox() as sandbox:
        events = list(sandbox.extract(path, media_types.ZIP))
    assert members(events) == {"laporan/besar.bin": large, "kecil.txt": b"isi", "nol": b""}


def test_what_systems_leave_behind_is_passed_over(read: Read) -> None:
    clutter = ["__MACOSX/._a.txt", ".DS_Store", "x/.git/config", "x/Thumbs.db", "x/~$lapor.docx", "desktop.ini"]
    content = zipped([*((name, b"x") for name in clutter), ("a.txt", b"isi")])
    assert members(read(archive.extract, content)) == {"a.txt": b"isi"}
    with pytest.raises(EmptyFileError):
        read(archive.extract, zipped([(name, b"x") for name in clutter]))
    with pytest.raises(EmptyFileError):
        read(archive.extract, zipped([]))


def test_names_lead_nowhere_and_come_once(read: Read) -> None:
    names = ["../../etc/passwd", "/abs.txt", "C:\\Users\\a.txt", "a.txt", "A.TXT", "b\u202efdp.exe", "..", "z/./y"]
    content = zipped([(name, name.encode()) for name in names])
    assert list(members(read(archive.extract, content))) == [
        "etc/passwd", "abs.txt", "Users/a.txt", "a.txt", "A (2).TXT", "bfdp.exe", "unnamed", "z/y"
    ]  # fmt: skip


@given(st.lists(st.text(max_size=20), max_size=8))
def test_whatever_an_archive_calls_its_members_their_names_are_safe(names: list[str]) -> None:
    given_out = MemberNames()
    taken = [given_out.take(name) for name in names]
    assert len({name.casefold() for name in taken}) == len(taken)
    for name in taken:
        assert name
        assert not name.startswith("/")
        assert not {"", ".", ".."} & set(name.split("/"))
        assert clean_name(name) == name
        assert name.encode("utf-8").decode() == name


@pytest.mark.parametrize(
    ("raw", "flags", "extra", "name"),
    [
        ("tak\u00e9.txt".encode("cp437"), 0, b"", "také.txt"),
        ("Żółw.txt".encode(), 0, b"", "Żółw.txt"),
        ("Żółw.txt".encode(), 0x800, b"", "Żółw.txt"),
        (b"abc.txt", 0, b"", "abc.txt"),
    ],
)
def test_names_in_every_encoding(raw: bytes, flags: int, extra: bytes, name: str) -> None:
    entry = ZipInfo(raw.decode("utf-8" if flags else "cp437"))
    entry.flag_bits, entry.extra = flags, extra
    assert zip_name(entry) == name


def test_a_name_in_the_extra_field_counts_where_it_belongs_to_the_entry() -> None:
    raw = b"\x82.txt"
    entry = ZipInfo(raw.decode("cp437"))
    field = b"\x01" + struct.pack("<I", zlib.crc32(raw)) + "電.txt".encode()
    entry.extra = struct.pack("<HH", 0x7075, len(field)) + field
    assert zip_name(entry) == "電.txt"
    entry.extra = entry.extra.replace(struct.pack("<I", zlib.crc32(raw)), b"\0\0\0\0")
    assert zip_name(entry) == "é.txt"


def test_members_that_cannot_be_read_are_refused_one_by_one(read: Read) -> None:
    link = ZipInfo("tautan")
    link.external_attr = 0o120777 << 16
    content = bytearray(zipped([("baik.txt", b"isi"), ("rusak.txt", b"y" * 200), (link, b"/etc/passwd")]))
    with ZipFile(io.BytesIO(bytes(content))) as made:
        entry = made.getinfo("rusak.txt")
    content[entry.header_offset + 30 + len("rusak.txt") + 2] ^= 0xFF
    events = read(archive.extract, bytes(content))
    assert refusals(events) == {"rusak.txt": "corrupt", "tautan": "unsupported_format"}
    assert members([e for e in events if isinstance(e, Member) and not e.refused]) == {"baik.txt": b"isi"}


@pytest.mark.parametrize(("flag", "method", "code"), [(1, None, "encrypted"), (0, 99, "unsupported_format")])
def test_members_with_a_password_or_an_unknown_method_are_refused(
    read: Read, flag: int, method: int | None, code: str
) -> None:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_STORED) as made:
        made.writestr("a.txt", b"rahasia")
    content = bytearray(file.getvalue())
    for at in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[at] |= flag
        if method is not None:
            struct.pack_into("<H", content, at + 2, method)
    assert refusals(read(archive.extract, bytes(content))) == {"a.txt": code}


def test_an_archive_that_declares_too_much_is_a_bomb_before_anything_is_unpacked(read: Read) -> None:
    content = zipped([(f"{number}.txt", bytes(30_000_000)) for number in range(4)])
    assert len(content) < 200_000
    path_events: list[ExtractionEvent] = []
    with pytest.raises(ArchiveBombError):
        path_events += read(archive.extract, content)
    assert not path_events


def test_an_archive_that_declares_too_little_is_not_handed_on(read: Read) -> None:
    content = bytearray(zipped([("a.txt", bytes(5_000_000))]))
    central = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, central + 24, 1_000)
    struct.pack_into("<I", content, 22, 1_000)
    assert refusals(read(archive.extract, bytes(content))) == {"a.txt": "corrupt"}


def test_what_is_no_archive_is_corrupt(read: Read) -> None:
    with pytest.raises(CorruptError):
        read(archive.extract, zipped([("a.txt", b"isi")])[:-30])


def test_a_document_of_pages_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.pages"
    path.write_bytes(zipped([("Index/Document.iwa", b"x"), ("preview.jpg", b"y")]))
    assert media_type_of(path) == media_types.IWORK


# Mails


def message(**headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    return made


def test_a_mail_is_read_with_its_headers_and_its_attachments_are_members(read: Read, tmp_path: Path) -> None:
    made = message(
        Subject="Laporan triwulan: Ketahanan – é", From="Sari Dewi <sari@example.org>", To="b@example.org",
        Date="Fri, 22 Jun 2018 10:00:00 +0700", MIME_Version="1.0",
    )  # fmt: skip
    made.set_content("Terlampir laporan.\n\nSalam\n")
    made.add_attachment(b"%PDF-1.4" * 100_000, maintype="application", subtype="pdf", filename="laporan é.pdf")
    inner = message(Subject="Undangan/rapat", From="x@example.org")
    inner.set_content("isi undangan")
    made.add_attachment(inner)
    (tmp_path / "a.eml").write_bytes(made.as_bytes())
    assert sniff(tmp_path / "a.eml") == media_types.EML
    events = read(mail.extract, made.as_bytes())
    assert texts(events) == [
        "Subject: Laporan triwulan: Ketahanan – é\nFrom: Sari Dewi <sari@example.org>\nTo: b@example.org\n"
        "Date: Fri, 22 Jun 2018 10:00:00 +0700\n\nTerlampir laporan.\n\nSalam"
    ]
    stated = metadata(events)
    assert (stated.title, stated.authors) == ("Laporan triwulan: Ketahanan – é", ("Sari Dewi",))
    assert stated.published == "2018-06-22T10:00:00+07:00"
    attached = members(events)
    assert list(attached) == ["laporan é.pdf", "Undangan_rapat.eml"]
    assert attached["laporan é.pdf"] == b"%PDF-1.4" * 100_000
    assert texts(read(mail.extract, attached["Undangan_rapat.eml"]))[0].endswith("isi undangan")


def test_of_two_versions_of_a_body_the_one_that_says_it_is_read_once(read: Read) -> None:
    made = message(Subject="a", From="x@example.org")
    made.set_content("Isi surat yang sama")
    made.add_alternative("<p>Isi <b>surat</b> yang sama</p><img src='cid:a'>", subtype="html")
    assert texts(read(mail.extract, made.as_bytes()))[0].endswith("\n\nIsi surat yang sama")
    made = message(Subject="a", From="x@example.org")
    made.set_content("Lihat versi HTML")
    made.add_alternative(f"<style>p{{}}</style><p>Isi yang panjang{' kata' * 30}</p>", subtype="html")
    text = texts(read(mail.extract, made.as_bytes()))[0]
    assert "Isi yang panjang kata" in text
    assert "Lihat versi" not in text


def test_logos_are_no_attachments(read: Read) -> None:
    made = message(Subject="a", From="x@example.org")
    made.set_content("<p>isi</p><img src='cid:logo'>", subtype="html")
    made.add_related(b"GIF89a", maintype="image", subtype="gif", cid="<logo>", filename="logo.gif")
    made.add_attachment(b"GIF89a", maintype="image", subtype="gif", filename="pindaian.gif")
    assert list(members(read(mail.extract, made.as_bytes()))) == ["pindaian.gif"]


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"Subject: =?utf-8?B?TGFwb3LDoW4=?=\nFrom: a@b.c\n\nisi", "Subject: Laporán"),
        (b"Subject: =?tak-ada?Q?a?=\nFrom: a@b.c\n\nisi", "Subject: =?tak-ada?Q?a?="),
        (b"Subject: Lapor\xc3\xa1n\nFrom: a@b.c\n\nisi", "Subject: Laporán"),
        (b"Subject: a\r\n b\r\nFrom: a@b.c\r\n\r\nisi", "Subject: a b"),
        (b"From: a@b.c\nDate: kemarin\n\nisi", "From: a@b.c\nDate: kemarin"),
        (b"25\nSubject: a\nFrom: a@b.c\n\nisi<?xml version='1.0'?>", "Subject: a\nFrom: a@b.c"),
    ],
)
def test_headers_are_read_however_they_are_written(read: Read, content: bytes, shown: str) -> None:
    (text,) = texts(read(mail.extract, content))
    assert text.startswith(shown)
    assert text.endswith("isi" if not content.startswith(b"25") else "i")


def test_an_encrypted_mail_and_what_is_none(read: Read) -> None:
    with pytest.raises(EncryptedError):
        read(mail.extract, b"From: a@b.c\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nAAAA")
    with pytest.raises(CorruptError):
        read(mail.extract, b"\nhanya teks")


def test_a_mail_nested_without_end_is_read_so_far(read: Read) -> None:
    content = b"Subject: a\nFrom: a@b.c\n"
    for level in range(60):
        content += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
    events = read(mail.extract, content + b"Content-Type: text/plain\n\nisi")
    assert any("nested" in getattr(event, "reason", "") for event in events)

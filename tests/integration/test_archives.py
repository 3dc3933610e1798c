"""Files within files: each member of an archive is a file of its own, with its receipt."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from holdings import documents
from holdings.access import Viewer
from holdings.errors import FileOutcome
from holdings.model import Arrival, DocumentField
from holdings.settings import Settings, load_settings
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest
from ingest import reprocessing, work
from ingest.metadata import read_metadata
from tests.conftest import SAMPLES

LAW = SAMPLES / "uu-15-2003.pdf"


def _text(word: str) -> str:
    return f"Laporan {word} tentang pencegahan ekstremisme di daerah. " * 10


def _zip(path: Path, members: Mapping[str, bytes | str]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _zipped(members: Mapping[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _add(hub: Hub, *paths: Path, access: tuple[str, ...] = (), metadata: Path | None = None) -> dict[str, Arrival]:
    """Add files and return the receipts that were reported, by the end of their path."""
    declared = read_metadata(metadata, hub.vocabularies, hub.settings.app.zone) if metadata else None
    ids = work.receive(hub, paths, access=access, metadata=declared)
    told: list[Arrival] = []
    summary = work.finish(hub, ids, report=told.append)
    assert summary.waiting == 0
    return {arrival.path.removeprefix(f"{paths[0].parent}/"): arrival for arrival in told}


def _outcomes(receipts: dict[str, Arrival]) -> dict[str, str]:
    return {
        path: a.error.code if a.error else a.outcome.value if a.outcome else "waiting" for path, a in receipts.items()
    }


def test_each_member_of_an_archive_is_a_document_of_its_own(hub: Hub, tmp_path: Path) -> None:
    archive = _zip(
        tmp_path / "lemari.zip",
        {
            "undang-undang/uu.pdf": LAW.read_bytes(),
            "satu.txt": _text("satu"),
            "salinan/satu.txt": _text("satu"),
            "kosong.txt": b"",
            "program.bin": b"\x7fELF" + b"\0" * 100,
            "__MACOSX/._satu.txt": b"clutter",
        },
    )
    receipts = _add(hub, archive)
    assert receipts.pop("lemari.zip").outcome is FileOutcome.UNPACKED
    found = _outcomes(receipts)
    same = {found.pop("lemari.zip!/satu.txt"), found.pop("lemari.zip!/salinan/satu.txt")}
    assert same == {"ingested", "duplicate"}
    assert found == {
        "lemari.zip!/undang-undang/uu.pdf": "ingested",
        "lemari.zip!/kosong.txt": "empty",
        "lemari.zip!/program.bin": "unsupported_format",
    }
    law = receipts["lemari.zip!/undang-undang/uu.pdf"]
    assert law.text is not None
    assert law.text.pages == 5
    assert law.document_id is not None
    with hub.catalogue.read() as session:
        document = documents.get(session, law.document_id)
    assert document.files[0].names == ("uu.pdf",)
    assert hub.files.original(law.sha256 or "").read_bytes() == LAW.read_bytes()
    assert discover(hub, SearchRequest(query="pemberantasan tindak pidana")).total == 1
    assert discover(hub, SearchRequest(query="laporan")).total == 1


def test_an_archive_that_is_added_again_changes_nothing(hub: Hub, tmp_path: Path) -> None:
    archive = _zip(tmp_path / "a.zip", {"satu.txt": _text("satu"), "dua.txt": _text("dua")})
    _add(hub, archive)
    again = _outcomes(_add(hub, archive))
    assert again == {"a.zip": "unpacked", "a.zip!/satu.txt": "unchanged", "a.zip!/dua.txt": "unchanged"}
    with hub.catalogue.read() as session:
        assert documents.count(session) == 2


def test_what_is_declared_of_an_archive_goes_for_what_is_in_it(hub: Hub, tmp_path: Path) -> None:
    archive = _zip(tmp_path / "a.zip", {"satu.txt": _text("satu")})
    metadata = tmp_path / "metadata.csv"
    metadata.write_text("path,title,organisation,access\na.zip,Judul arsip,BNPT,org:bnpt\n", encoding="utf-8")
    member = _add(hub, archive, metadata=metadata)["a.zip!/satu.txt"]
    assert member.document_id is not None
    with hub.catalogue.read() as session:
        document = documents.get(session, member.document_id)
    assert document.access.labels == {"org:bnpt"}
    assert document.values(DocumentField.ORGANISATION) == ("bnpt",)
    assert document.title != "Judul arsip", "a title is one file's own"
    assert discover(hub, SearchRequest(query="laporan")).total == 0
    assert discover(hub, SearchRequest(query="laporan", viewer=Viewer.of("org:bnpt"))).total == 1


def test_archives_in_archives_are_unpacked_to_a_depth(hub: Hub, tmp_path: Path) -> None:
    inner = _zipped({"tiga.txt": _text("tiga"), "lebih.zip": _zipped({"lagi.zip": _zipped({"x.txt": _text("x")})})})
    receipts = _outcomes(_add(hub, _zip(tmp_path / "a.zip", {"b.zip": inner})))
    assert receipts == {
        "a.zip": "unpacked",
        "a.zip!/b.zip": "unpacked",
        "a.zip!/b.zip!/tiga.txt": "ingested",
        "a.zip!/b.zip!/lebih.zip": "unpacked",
        "a.zip!/b.zip!/lebih.zip!/lagi.zip": "archive_bomb",
    }


@pytest.fixture
def narrow_hub(tmp_path: Path) -> Settings:
    """Settings with little room for archives."""
    settings = load_settings(
        None,
        {
            "IKHUB_DATA": str(tmp_path / "data"),
            "IKHUB_INGEST__ARCHIVES__MAX_MB": "1",
            "IKHUB_INGEST__ARCHIVES__MAX_ENTRIES": "5",
        },
    )
    initialise(settings)
    return settings


def test_what_archives_unpack_to_is_limited_over_all_that_is_in_them(narrow_hub: Settings, tmp_path: Path) -> None:
    padding = b" " * 300_000
    nested = {f"{n}.zip": _zipped({"a.txt": _text(str(n)).encode() + padding * 2}) for n in range(3)}
    with open_hub(narrow_hub) as hub:
        many = _outcomes(_add(hub, _zip(tmp_path / "many.zip", {f"{n}.txt": _text(str(n)) for n in range(6)})))
        assert many == {"many.zip": "archive_bomb"}, "nothing of it is kept"
        large = _outcomes(_add(hub, _zip(tmp_path / "large.zip", {f"{n}.txt": padding for n in range(4)})))
        assert large == {"large.zip": "archive_bomb"}
        outcomes = _outcomes(_add(hub, _zip(tmp_path / "nested.zip", nested)))
        assert sorted(outcomes.values()).count("archive_bomb") >= 1
        assert outcomes["nested.zip"] == "unpacked"


def test_an_encrypted_member_is_told_and_the_others_are_read(hub: Hub, tmp_path: Path) -> None:
    archive = _zip(tmp_path / "a.zip", {"satu.txt": _text("satu"), "rahasia.txt": _text("rahasia")})
    content = bytearray(archive.read_bytes())
    # The flag of encryption, in the local header and in the directory.
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.rfind(signature)
        content[place + offset] |= 1
    archive.write_bytes(content)
    receipts = _outcomes(_add(hub, archive))
    assert receipts == {"a.zip": "unpacked", "a.zip!/satu.txt": "ingested", "a.zip!/rahasia.txt": "encrypted"}
    assert reprocessing.retry(hub, rejected=True)[1][0].path.endswith("rahasia.txt"), "it has to be added again"


def test_names_do_not_lead_out_of_the_archive(hub: Hub, tmp_path: Path) -> None:
    archive = _zip(
        tmp_path / "a.zip",
        {"../../etc/satu.txt": _text("satu"), "/dua.txt": _text("dua"), "tiga\u202etxt.fdp": _text("tiga")},
    )
    receipts = _add(hub, archive)
    assert all(".." not in path and "!//" not in path and "\u202e" not in path for path in receipts)
    assert len(receipts) == 4


def test_what_is_attached_to_a_mail_is_read_as_well(hub: Hub, tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Laporan triwulan"
    mail["From"] = "Siti Aminah <siti@example.org>"
    mail["Date"] = "Mon, 04 Mar 2024 09:00:00 +0700"
    mail.set_content(_text("surat"))
    mail.add_attachment(LAW.read_bytes(), maintype="application", subtype="pdf", filename="uu.pdf")
    (tmp_path / "surat.eml").write_bytes(bytes(mail))
    receipts = _outcomes(_add(hub, tmp_path / "surat.eml"))
    assert receipts == {"surat.eml": "ingested", "surat.eml!/uu.pdf": "ingested"}
    assert discover(hub, SearchRequest(query="surat")).total == 1


def test_a_real_unpacker_agrees(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for path in sorted(SAMPLES.glob("*.md"))[:3]:
        shutil.copy(path, folder)
    shutil.make_archive(str(tmp_path / "made"), "zip", folder)
    receipts = _add(hub, tmp_path / "made.zip")
    listed = subprocess.run(
        ["python3", "-m", "zipfile", "-l", str(tmp_path / "made.zip")], capture_output=True, text=True, check=True
    )
    for path in folder.iterdir():
        assert path.name in listed.stdout
        assert f"made.zip!/{path.name}" in receipts

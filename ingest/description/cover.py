"""The head of a document, line by line: letterhead, kind, title, authors, date, as on covers and above texts.

A line is told by its words, not by its place: covers have these in any order. What is none of the others is the title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from holdings.model import Page
from ingest.description.dates import MONTHS
from ingest.description.findings import one_line

_LINES = 40
_MAX_TITLE_LINES = 7
_MAX_TITLE = 300
_MAX_WORDS = 26


class Role(Enum):
    """What a line of the head is."""

    BLANK = auto()
    ORGANISATION = auto()
    GENRE = auto()
    DATE = auto()
    BYLINE = auto()
    TITLE = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its role, on one line of text."""

    role: Role
    text: str


_MARKDOWN = re.compile(r"^#{1,6}\s+|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
_BODY_FIRST_WORDS = (
    "kementerian kementrian departemen direktorat badan lembaga dewan komisi pemerintah dinas kepolisian polda polres "
    "yayasan pusat universitas institut fakultas perkumpulan perhimpunan persatuan ikatan asosiasi aliansi koalisi "
    "sekretariat kantor otoritas filantropi mahkamah kejaksaan kedutaan bupati gubernur walikota ministry department "
    "directorate agency bureau council commission committee institute university centre center faculty embassy"
)
_BODY_LAST_WORDS = (
    "foundation institute university center centre agency commission association network council society organization "
    "organisation alliance ministry bureau secretariat laboratory department office institut universitas"
)
_BODY = re.compile(
    rf"^(?:{'|'.join(_BODY_FIRST_WORDS.split())})\b(?!\s+(?:dan|usaha|untuk|of the)\b)|"
    r"^(?:sekolah (?:tinggi|perdamaian)|satuan tugas|forum (?:koordinasi|kerukunan|komunikasi|muda|pemuda)|"
    r"government of|"
    r"masyarakat (?:anti|peduli|indonesia)|jaringan (?:masyarakat|indonesia|pemuda|perempuan)|majelis (?:ulama|"
    r"permusy)|"
    r"united nations|u\.?s\.? (?:department|geological|government)|national \w+ (?:and \w+ )?agency)\b|"
    rf"\b(?:{'|'.join(_BODY_LAST_WORDS.split())})(?:\s+(?:indonesia|jakarta|yogyakarta|"
    rf"international))?(?:\s*\([\w\s-]+\))?[.,]?$",
    re.IGNORECASE,
)
_GENRES = (
    r"kerangka acuan(?: kerja| kegiatan)?|terms of reference|concept note|catatan konsep|proposal(?: program|"
    r" kegiatan)?|"
    r"rencana (?:kerja|aksi|strategis)|laporan(?: akhir| tahunan| kegiatan| kemajuan| hasil)?|catatan lapangan|"
    r"modul(?: pelatihan)?|panduan|pedoman|buku (?:saku|panduan)|petunjuk (?:teknis|pelaksanaan)|"
    r"standar (?:operasional )?prosedur|kertas kebijakan|risalah kebijakan|ringkasan kebijakan|"
    r"naskah (?:akademik|kebijakan)|"
    r"policy (?:brief|paper|note)|briefing paper|issue brief|position paper|white paper|discussion paper|working paper|"
    r"occasional paper|kertas kerja|(?:annual |final |progress |technical )?report|programme outline|project document|"
    r"work ?plan|action plan|toolkit|handbook|manual|guidelines?|seri risalah|seri \w+|studi kasus|kajian|"
    r"research paper|"
    r"thesis|tesis|disertasi|skripsi|naskah masukan|edisi (?:pertama|kedua|ketiga|revisi)|(?:first|second|third|"
    r"revised) edition"
)
_GENRE = re.compile(
    rf"^(?:\W*(?:\w+[ -]){{0,2}})?(?:{_GENRES})(?:\s+(?:no|nomor|number|series|seri|vol)\b\.?)?\s*[\d./-]*[,:]?\s*$",
    re.IGNORECASE,
)
_PURE_GENRE = re.compile(rf"^(?:{_GENRES})[:]?$", re.IGNORECASE)
_DATED = re.compile(
    rf"(?:\b(?:{MONTHS})\b\.?,?\s+\d{{4}}|\b\d{{1,2}}\s+(?:{MONTHS})\s+\d{{4}}|\b(?:{MONTHS})\s+\d{{1,2}}(?:st|"
    rf"nd|rd|th)?,?\s+\d{{4}}|"
    r"(?:^|,\s*|tahun\s+)(?:19|20)\d\d)\W*$",
    re.IGNORECASE,
)
_DATED_ALONE = re.compile(
    r"^(?:[\w.\s-]{0,40},|disampaikan(?: pada)?|published|issued|diterbitkan|revised|versi|version)?\s*$", re.IGNORECASE
)
_PLACE = re.compile(r"[A-Z][\w.-]*(?: [A-Z][\w.-]*){0,2},")
_BYLINE = re.compile(
    r"^(?:by|oleh|penulis|disusun oleh|ditulis oleh|diajukan (?:oleh|kepada)|authors?|prepared (?:by|for)|"
    r"developed by|edited by|"
    r"editor|penyunting|tim penyusun|submitted (?:by|to|for)|compiled by|presented (?:by|to)|kontak|contact|"
    r"(?-i:for [A-Z]\w+))\b",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"^(?:page|halaman|hal|hlm|volume|vol|issue|edisi|issn|isbn|doi|tel|telp|fax|e-?mail|no|nomor|www|http|salinan|"
    r"keywords?|kata kunci)\b|^\W*\d[\d\W]*$|@|https?://|www\.",
    re.IGNORECASE,
)
_SECTIONS = re.compile(
    r"^(?:abstract|abstrak|summary|executive summary|ringkasan(?: eksekutif)?|introduction|pendahuluan|"
    r"background|latar belakang|"
    r"daftar isi|table of contents|contents|kata pengantar|foreword|preface|rationale|masalah|bab \w+|chapter \w+|"
    r"untuk fasilitator|the need|why this guide|pengantar|(?:[ivx]+|[a-h]|\d+)\.\s.*)$",
    re.IGNORECASE,
)


def head_of(pages: Sequence[Page], names: Container[str]) -> list[Line]:
    """Return the lines of the first page with words, up to its running text.

    `names` are organisations that are known, case-folded.
    """
    page = next((page for page in pages if page.text.strip()), None)
    if page is None:
        return []
    lines: list[Line] = []
    for raw in page.text.strip().split("\n")[:_LINES]:
        text = one_line(_MARKDOWN.sub("", raw))
        role = _role(text, names)
        if role is Role.TEXT and any(line.role is not Role.BLANK for line in lines):
            break
        lines.append(Line(role, text))
    return lines


def has_paragraphs(lines: Sequence[Line]) -> bool:
    """Say whether blank lines part what belongs together: text that was read from a PDF mostly has none."""
    return any(line.role is Role.BLANK for line in lines)


def _role(text: str, names: Container[str]) -> Role:
    if not text:
        return Role.BLANK
    if _SECTIONS.match(text) or len(text.split()) > _MAX_WORDS or len(text) > _MAX_TITLE:
        return Role.TEXT
    if _BYLINE.match(text):
        return Role.BYLINE
    undated = undate(text)
    if undated != text and (
        not undated
        or _PLACE.fullmatch(text[: len(undated) + 1])
        or _DATED_ALONE.match(undated)
        or _is_imprint(undated, names)
    ):
        return Role.DATE
    if is_organisation(text, names):
        return Role.ORGANISATION
    if _GENRE.match(text):
        return Role.GENRE
    if _NOISE.search(text):
        return Role.DATE
    if text.endswith((".", ";")) and len(text.split()) > 9:
        return Role.TEXT
    return Role.TITLE


def undate(text: str) -> str:
    """Return a line without the date at its end."""
    match = _DATED.search(text)
    return text if match is None else text[: match.start()].rstrip(" ,-–")


def _is_imprint(text: str, names: Container[str]) -> bool:
    return (
        is_organisation(text, names)
        or _GENRE.match(text) is not None
        or _GENRE.search(text.rpartition(",")[2]) is not None
    )


def is_organisation(text: str, names: Container[str]) -> bool:
    """Say whether a line is the name of a body: a known one, or one that begins or ends as such names do."""
    if bare_name(text).casefold() in names:
        return True
    words = text.split()
    if not 1 < len(words) <= 12 or text[0].islower() or ":" in text:
        return False
    # "Airlangga University, Faculty of Law"
    return any(_BODY.search(part.strip()) for part in (text, text.partition(",")[0]))


def bare_name(text: str) -> str:
    """Return a name without the acronym in parentheses behind it."""
    return re.sub(r"\s*\([^)]*\)\s*$", "", text).strip(" .,;")


def title_blocks(lines: Sequence[Line]) -> Iterator[tuple[str, list[str]]]:
    """Yield runs of lines that are nothing else and may be the title, with the words of the kind that stand over it."""
    genre = ""
    block: list[str] = []
    for line in (*lines, Line(Role.TEXT, "")):
        if len(block) < _MAX_TITLE_LINES and (line.role is Role.TITLE or (block and _is_subtitle_of_kind(line))):
            block.append(line.text)
            continue
        if block:
            yield genre, block
            block, genre = [], ""
        if line.role is Role.GENRE:
            genre = line.text.rstrip(":") if _PURE_GENRE.match(line.text) else ""
        elif genre and line.role not in (Role.BLANK, Role.ORGANISATION):
            # Nothing but its kind is said: "Laporan Kegiatan", and then a date.
            yield "", [genre]
            genre = ""


def _is_subtitle_of_kind(line: Line) -> bool:
    """Say whether a line that tells the kind belongs to the title that it follows, and to no series."""
    return line.role is Role.GENRE and not any(map(str.isdigit, line.text))


def joined(lines: Sequence[str], cased: Callable[[str], str] = str) -> str:
    """Return the lines of a title as one; what is a subtitle stands after a colon. `cased` is done with each part."""
    parts: list[str] = []
    for line in lines:
        if parts and not _is_subtitle(parts[-1], line):
            parts[-1] = f"{parts[-1]} {line}"
        else:
            parts.append(line)
    title = ""
    for part in map(cased, parts):
        if not title:
            title = part
        else:
            title = f"{title} {part}" if title.endswith((":", "?", "!", "-", "–")) else f"{title}: {part}"
    return title


def _is_subtitle(title: str, line: str) -> bool:
    """Say whether a line is a subtitle rather than the rest of a line that was too long."""
    if title.isupper() != line.isupper():
        return True
    if title.endswith((",", "&", "-")) or line[0].islower() or title.isupper():
        return False
    return len(title) < 45

"""What is no title: a program's default, a file's name, a heading that every document has, furniture of the page."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

from ingest.description.dates import MONTHS
from ingest.description.findings import one_line

_PROGRAM = re.compile(
    r"^(?:microsoft (?:office )?(?:word|powerpoint|excel|publisher)|word|powerpoint)\s*-\s*|^(?:layout|print)\s+\d|"
    r"^(?:powerpoint presentation|presentasi powerpoint|slide \d+|no slide title|pdf|print|scan\w*|image\w*)$",
    re.IGNORECASE,
)
_UNTITLED = re.compile(
    r"^(?:untitled|unnamed|no title|title|judul|document|dokumen|doc|book|draft|konsep|rancangan|salinan|normal|"
    r"new document|cover|sampul|daftar isi|table of contents|contents|index|home|beranda|template|my title|"
    r"agenda|outline|today['’]?s (?:session|agenda)|susunan acara|terima kasih|thank you|pertanyaan|any questions|"
    r"(?:sheet|lembar|tabel|table|chart|grafik|slide|page|halaman))"
    r"[\s_-]*\d*(?:\s*\(\d+\))?\W*$|"
    # A part of another document, without a word of what it is about.
    r"^(?:annex|annexe|appendix|attachment|exhibit|enclosure|lampiran|bagian|bab|chapter|part|section)\s+"
    r"(?:[ivx]+|[a-z]|\d+)\W*$",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"\.(?:docx?|dotx?|pdf|rtf|odt|txt|pptx?|xlsx?|html?|qxd|indd|pmd|p65|wpd|tmp|tif|jpe?g|png|fm|cdr|dot)\b\s*$|"
    r"^(?:[a-z]:\\|/|file:|https?:|www\.)",
    re.IGNORECASE,
)
_LETTERS_NEEDED = 4
# Words that say nothing of what a line of dates, numbers and codes is about.
_DATING = re.compile(
    rf"\b(?:{MONTHS}|volume|vol|issue|edisi|number|nomor|no|page|halaman|rev|revised|updated|version|versi|v|th|st|nd|rd)\b|"
    r"\w*\d\w*",
    re.I,
)
_LABEL = re.compile(
    r"^(?:hlm|volume|vol|edisi|issn|isbn|telp|fax|e-?mail|www|http|exhibit|lampiran|salinan)\b|"
    # "No. 3", but "No Place for Hate"; "Annex B", but "Attachment and Belonging".
    r"^(?:page|halaman|hal|issue|tel|no|nomor|attachment|annex|appendix)\b(?=\W*(?:\d|[ivx]+\b|[a-z]\b|$)|\s*[.:])",
    re.I,
)
_FURNITURE = re.compile(
    # The foot of the page before, the imprint of a printer, the citation of a journal, how a document is passed on.
    r"\b(?:page|halaman|hal\.?|hlm\.?)\s*\d+(?:\s*(?:of|dari|/)\s*\d+)?$|\s:\s(?:19|20)\d\d$|"
    r"\b(?:19|20)\d\d\s*[,;]\s*\d+\s*\(\d+\)|\bvol(?:ume)?\b\.?\s*\d+.{0,20}\bno(?:mor)?\b\.?\s*\d+|"
    r"^(?:for (?:official use only|immediate release|discussion only)|not for (?:citation|quotation|distribution)|"
    r"confidential|restricted|rahasia|terbatas|untuk kalangan sendiri)\W*$",
    re.IGNORECASE,
)


def is_junk(title: str, name: str = "") -> bool:
    """Say whether a title of a file's properties is none: a program's default, a file name, a number."""
    words = one_line(title)
    letters = sum(map(str.isalpha, words))
    if letters < _LETTERS_NEEDED or letters < 0.4 * len(words) or any(unicodedata.category(c) == "Co" for c in words):
        return True
    if _PROGRAM.search(words) or _UNTITLED.match(words) or _FILE_NAME.search(words):
        return True
    if " " not in words and re.search(r"[\d_]", words):
        return True
    if sum(map(str.isalpha, _DATING.sub("", words))) < _LETTERS_NEEDED:
        return True
    return bool(name) and folded(words) == folded(PurePath(name).stem)


def is_label(line: str) -> bool:
    """Say whether a line is of the page rather than of the text: a number, an address, a running head."""
    return _LABEL.match(line) is not None or _FURNITURE.search(line) is not None


def folded(text: str) -> str:
    """Return a text without case, white space and signs."""
    return "".join(filter(str.isalnum, text.casefold()))

"""Real documents of Office Open XML: no word of theirs is lost, by another way of finding their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import pytest
from lxml import etree  # type: ignore[import-untyped]

from holdings.errors import FileError
from ingest.extractors import docx, pptx
from ingest.extractors.cleaning import clean, cleaned
from ingest.model import Extractor, Page
from ingest.sandbox import Limits, Sandbox
from ingest.sniffing import sniff

_WORD = re.compile(r"[^\W\d_]{2,}")
# What a reader is shown; masters and layouts mostly hold prompts, a diagram's drawing repeats its data.
_SHOWN = re.compile(
    r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"
    r"|ppt/(?:slides|notesSlides|comments)/[^/]+\.xml|(?:ppt|word)/(?:charts/chart|diagrams/data)\d+\.xml"
)
_NOT_SHOWN = ("{*}Fallback", "{*}del", "{*}moveFrom", "{*}delText", "{*}instrText", "{*}f", "{*}formatCode")
_LIMITS = Limits(seconds=20, cpu_seconds=20, memory_mb=1_000, output_mb=20)
_SUFFIXES = {".docx", ".docm", ".dotx", ".pptx", ".pptm", ".ppsx", ".potx"}


@pytest.mark.parametrize("extract", [docx.extract, pptx.extract])
def test_every_word_of_the_parts_that_are_shown_is_read(corpus: Path, extract: Extractor) -> None:
    suffix = extract.__module__.rpartition(".")[2]
    paths = sorted((corpus / "documents" / "files").glob(f"*.{suffix}"))
    assert paths, f"no documents in {corpus}"
    wanted = found = 0
    for path in paths:
        read = "\n".join(event.text for event in cleaned(extract(path)) if isinstance(event, Page))
        words = set(_words(path))
        missed = words - set(_WORD.findall(read))
        assert len(missed) <= 0.02 * len(words), (path.name, sorted(missed)[:20])
        wanted, found = wanted + len(words), found + len(words) - len(missed)
    assert found >= 0.999 * wanted


def _words(path: Path) -> Iterator[str]:
    with ZipFile(path) as package:
        for name in filter(_SHOWN.fullmatch, package.namelist()):
            root = etree.fromstring(package.read(name))
            for hidden in list(root.iter(*_NOT_SHOWN)):
                hidden.clear()
            for paragraph in root.iter("{*}p", "{*}cm", "{*}pt"):
                # A word may be cut to runs; a break or a tab between them parts words.
                pieces = (e.text or "" if _is_text(e) else _gap(e) for e in paragraph.iter(etree.Element))
                yield from _WORD.findall(clean("".join(pieces)))


def _is_text(element: etree._Element) -> bool:
    return etree.QName(element).localname in ("t", "text", "v")


def _gap(element: etree._Element) -> str:
    return " " if etree.QName(element).localname in ("p", "br", "tab", "txbxContent", "pict", "drawing") else ""


def test_hostile_office_files_are_read_or_refused_with_a_code(corpus: Path) -> None:
    paths = [p for p in sorted((corpus / "hostile" / "files").iterdir()) if p.suffix in _SUFFIXES]
    assert paths, f"no hostile files in {corpus}"
    outcomes: dict[str, str] = {}
    with Sandbox(_LIMITS) as sandbox:
        for path in paths:
            try:
                outcomes[path.name] = "read" if list(sandbox.extract(path, sniff(path))) else "nothing"
            except FileError as error:
                outcomes[path.name] = error.code
    assert set(outcomes.values()) <= {"read", "encrypted", "corrupt"}, outcomes
    # What still holds a word is read, whatever else is broken.
    for path in paths:
        if outcomes[path.name] == "corrupt":
            with pytest.raises(BadZipFile):
                ZipFile(path)

"""Reading a document by another programme than the hub's, to see what the hub's text lacks.

None of them is the truth: each leaves out or adds what it leaves out or adds, and docs/quality.md says who read what.
"""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from lxml import etree, html  # type: ignore[import-untyped]

from ingest.extractors import pdf_pdfminer
from ingest.model import Page

_SECONDS = 180
# LibreOffice's filters: text as UTF-8; slides as flat XML; all sheets as CSV, cells as they are shown.
TEXT = "txt:Text (encoded):UTF8"
PDF = "pdf"
SLIDES = "fodp"
SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"

# Elements of HTML that do not part words.
_INLINE_TAGS = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike "
    "strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_INLINE_TAGS.split())
_UNSEEN = frozenset({"script", "style", "noscript", "template"})
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PHONETIC = f"{_SHEET}rPh"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_PARAGRAPH = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_PARTING = frozenset(f"{_PARAGRAPH}{name}" for name in ("p", "h", "s", "tab", "line-break"))
# What LibreOffice puts in itself: the number of the page, the day of the conversion, when a comment was made.
_PUT_IN = (
    f"{_OFFICE}binary-data",
    *(f"{_PARAGRAPH}{name}" for name in ("page-number", "page-count", "date", "time", "file-name", "creation-date")),
    "{http://purl.org/dc/elements/1.1/}date",
)


def by_pdfminer(path: Path) -> dict[int, str]:
    """Return the pages of a PDF in the order of its content stream. Raises FileError."""
    return {event.number: event.text for event in pdf_pdfminer.extract(path) if isinstance(event, Page)}


def by_pdfium(path: Path, numbers: Iterable[int] | None = None) -> dict[int, str]:
    """Return pages of a PDF, all of them unless some are named, as bare pypdfium2 gives them."""
    texts: dict[int, str] = {}
    try:
        pdf = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return texts
    with pdf:
        for number in numbers if numbers is not None else range(1, len(pdf) + 1):
            try:
                page = pdf[number - 1]
                texts[number] = page.get_textpage().get_text_range()
                page.close()
            except (pypdfium2.PdfiumError, IndexError):
                continue
    return texts


def by_lxml(path: Path) -> str:
    """Return the words of a page of HTML, all that are in its body."""
    tree = html.fromstring(path.read_bytes())
    body = tree.find(".//body")
    body = tree if body is None else body
    for element in list(body.iter()):
        if not isinstance(element.tag, str) or element.tag in _UNSEEN:
            if element is not body:
                element.drop_tree()
        elif element.tag not in _INLINE:
            element.text = f"\n{element.text or ''}"
            element.tail = f"\n{element.tail or ''}"
    return str(body.text_content())


def by_decoding(path: Path) -> str:
    """Return the bytes of a text as UTF-8, and as Windows' Western code page where they are none."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def by_xml_of_sheets(path: Path) -> str:
    """Return all strings of an XLSX file: of cells, as often as cells have them, of comments and of drawings.

    Numbers and dates are left out: the file has them as they are stored, not as they are shown.
    """
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        shared = []
        if "xl/sharedStrings.xml" in names:
            root = etree.fromstring(archive.read("xl/sharedStrings.xml"))
            shared = [_said(item) for item in root.iterfind(f"{_SHEET}si")]
        lines: list[str] = []
        for name in names:
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                lines += _cells(etree.fromstring(archive.read(name)), shared)
            elif name.startswith("xl/comments") and name.endswith(".xml"):
                root = etree.fromstring(archive.read(name))
                lines += [_said(comment) for comment in root.iter(f"{_SHEET}comment")]
            elif name.startswith(("xl/drawings/", "xl/charts/", "xl/diagrams/data")) and name.endswith(".xml"):
                root = etree.fromstring(archive.read(name))
                for paragraph in root.iter(f"{_DRAWING}p"):
                    lines.append("".join(run.text or "" for run in paragraph.iter(f"{_DRAWING}t")))
    return "\n".join(lines)


def _cells(sheet: etree._Element, shared: Sequence[str]) -> Iterator[str]:
    for cell in sheet.iter(f"{_SHEET}c"):
        value = cell.findtext(f"{_SHEET}v")
        match cell.get("t"):
            case "s" if value is not None:
                yield shared[int(value)]
            case "str" if value is not None:
                yield value
            case "inlineStr":
                yield _said(cell)


def _said(element: etree._Element) -> str:
    """Return the text of a string, without how it is pronounced."""
    return "".join(
        text.text or ""
        for text in element.iter(f"{_SHEET}t")
        if not any(parent.tag == _PHONETIC for parent in text.iterancestors())
    )


def libreoffice() -> str | None:
    """Return the programme, None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def by_libreoffice(paths: Sequence[Path], target: str, folder: Path) -> dict[Path, str]:
    """Return what LibreOffice makes of files, as text: one call for all, and one more for each that it then lacks.

    A file that it does not convert is missing from what is returned. `folder` is for what is made.
    """
    program = libreoffice()
    if program is None or not paths:
        return {}
    suffix = target.partition(":")[0]
    with tempfile.TemporaryDirectory(dir=folder) as name:
        sources = Path(name) / "sources"
        sources.mkdir()
        # Names that tell neither what a file is about nor clash when their suffixes are gone.
        copies = {path: sources / f"{number:04}{path.suffix.lower()}" for number, path in enumerate(paths)}
        for path, copy in copies.items():
            shutil.copyfile(path, copy)
        made = Path(name) / "made"
        _convert(program, list(copies.values()), target, made)
        for copy in copies.values():
            if not _made(made, copy, suffix):
                _convert(program, [copy], target, made)
        return {
            path: "\n".join(_text(one) for one in parts)
            for path, copy in copies.items()
            if (parts := _made(made, copy, suffix))
        }


def _convert(program: str, sources: Sequence[Path], target: str, made: Path) -> None:
    profile = made.parent / "profile"
    command = [
        program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nologo",
        "--convert-to", target, "--outdir", str(made), *map(str, sources),
    ]  # fmt: skip
    environment = {**os.environ, "SAL_USE_VCLPLUGIN": "svp"}
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    ) as running:
        try:
            running.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)


def _made(folder: Path, source: Path, suffix: str) -> list[Path]:
    """Return what was made of a file: one, or one for each of its sheets."""
    return sorted({*folder.glob(f"{source.stem}.{suffix}"), *folder.glob(f"{source.stem}-*.{suffix}")})


def _text(made: Path) -> str:
    match made.suffix:
        case ".pdf":
            return "\n".join(by_pdfium(made).values())
        case ".fodp":
            return _paragraphs(made)
        case ".csv":
            with made.open(encoding="utf-8", errors="replace", newline="") as file:
                return "\n".join("\n".join(row) for row in csv.reader(file))
        case _:
            return made.read_text(encoding="utf-8-sig", errors="replace")


def _paragraphs(made: Path) -> str:
    """Return the paragraphs of slides and of their notes."""
    body = etree.parse(str(made), etree.XMLParser(huge_tree=True)).getroot().find(f"{_OFFICE}body")
    if body is None:
        return ""
    etree.strip_elements(body, *_PUT_IN, with_tail=False)
    for element in body.iter(*_PARTING):
        element.text = f"\n{element.text or ''}"
    return "".join(str(text) for text in body.itertext())

"""How complete the hub's text is, and in what order, against a second reader: `python -m benchmarks.quality.text`.

Every real document is read as the pipeline reads it, in the sandbox with the shipped settings, and by another programme
(`second_readers`). Recall is the share of the second reader's words that the hub's text has, counted as often as they
occur; order is the share of its neighbouring words that are neighbours in the hub's text too, of the words both have.
"""

from __future__ import annotations

import csv
import re
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

from benchmarks.corpora import CORPUS
from benchmarks.quality import second_readers as second
from holdings.errors import FileError
from holdings.settings import load_settings
from ingest import media_types as types
from ingest.model import Page
from ingest.reading import options_of
from ingest.sandbox import Sandbox
from ingest.sniffing import sniff

_WORD = re.compile(r"[^\W_]{2,}")
_PROCESSES = 2
# Below this a document is named.
_GOOD = 0.9
NOTES = Path(__file__).parent / "labels" / "text.csv"

_PDFIUM, _PDFMINER = "PDF, pages by pypdfium2", "PDF, pages by pdfminer.six"
_AS_SHOWN, _STRINGS = "PPTX, as it is shown", "XLSX, words without figures"
_FORMATS = {
    types.PDF: "PDF", types.DOCX: "DOCX", types.DOTX: "DOCX", types.DOCM: "DOCX", types.DOTM: "DOCX", types.DOC: "DOC",
    types.ODT: "ODT", types.OTT: "ODT", types.RTF: "RTF", types.PPTX: "PPTX", types.PPTM: "PPTX", types.PPSX: "PPTX",
    types.POTX: "PPTX", types.PPSM: "PPTX", types.PPT: "PPT", types.ODP: "ODP", types.OTP: "ODP", types.XLSX: "XLSX",
    types.XLTX: "XLSX", types.XLSM: "XLSX", types.XLS: "XLS", types.ODS: "ODS", types.OTS: "ODS", types.HTML: "HTML",
    types.XHTML: "HTML", types.MARKDOWN: "MD", types.PLAIN_TEXT: "TXT",
}  # fmt: skip
# What LibreOffice makes of a format, for which row of the table.
_CONVERSIONS: dict[str, dict[str, str]] = {
    **{name: {name: second.TEXT} for name in ("DOCX", "DOC", "ODT", "RTF")},
    "PPTX": {"PPTX": second.SLIDES, _AS_SHOWN: second.PDF},
    **{name: {name: second.PDF} for name in ("PPT", "ODP")},
    **{name: {name: second.SHEETS} for name in ("XLSX", "XLS", "ODS")},
}
_READERS = {
    _PDFIUM: "pdfminer.six, in the order of the content stream",
    _PDFMINER: "bare pypdfium2, whose text the hub refused",
    "DOCX": "LibreOffice, as text",
    "DOC": "LibreOffice, as text; the hub too reads DOC through LibreOffice, as DOCX",
    "ODT": "LibreOffice, as text",
    "RTF": "LibreOffice, as text",
    "PPTX": "LibreOffice, as flat ODP, and lxml",
    _AS_SHOWN: "LibreOffice, as PDF, and bare pypdfium2",
    "PPT": "LibreOffice, as PDF, and bare pypdfium2",
    "ODP": "LibreOffice, as PDF, and bare pypdfium2",
    "XLSX": "LibreOffice, all sheets as CSV",
    _STRINGS: "the strings of its XML, by lxml",
    "XLS": "LibreOffice, all sheets as CSV",
    "ODS": "LibreOffice, all sheets as CSV",
    "HTML": "the text of the body, by lxml",
    "MD": "the bytes, decoded",
    "TXT": "the bytes, decoded",
}


@dataclass(frozen=True, slots=True)
class Score:
    """How one document's text, or its pages of one reader, compare. `words` and `pairs` are the second reader's."""

    name: str
    row: str
    pages: int = 0
    words: int = 0
    found: int = 0
    pairs: int = 0
    kept: int = 0

    @property
    def recall(self) -> float | None:
        return self.found / self.words if self.words else None

    @property
    def order(self) -> float | None:
        return self.kept / self.pairs if self.pairs else None

    def with_text(self, ours: str, theirs: str, *, pages: int = 1, figures: bool = True) -> Score:
        """Return the score with so many more pages compared, with or without the words that have a figure in them."""
        mine, others = words(ours, figures=figures), words(theirs, figures=figures)
        found, pairs, kept = agreement(mine, others)
        return replace(
            self,
            pages=self.pages + pages,
            words=self.words + len(others),
            found=self.found + found,
            pairs=self.pairs + pairs,
            kept=self.kept + kept,
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """All scores; the pages left out because they wait for OCR, by document; what could not be compared, and why."""

    scores: tuple[Score, ...]
    scans: dict[str, int]
    left_out: tuple[tuple[str, str], ...]


def words(text: str, *, figures: bool = True) -> list[str]:
    """Return the words of two characters or more, folded: compatibility forms and capitals do not count."""
    found = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return found if figures else [word for word in found if not any(map(str.isdigit, word))]


def agreement(ours: Sequence[str], theirs: Sequence[str]) -> tuple[int, int, int]:
    """Return how many of their words are in ours, how many pairs of neighbours they have among the words that both
    have, and how many of these pairs are neighbours in ours."""
    found = (Counter(theirs) & Counter(ours)).total()
    both = set(ours) & set(theirs)
    pairs = Counter(pairwise(word for word in theirs if word in both))
    own_pairs = Counter(pairwise(word for word in ours if word in both))
    return found, pairs.total(), (pairs & own_pairs).total()


def measure(corpus: Path = CORPUS) -> Measured:
    """Compare all real documents, in two processes."""
    # The largest first, so that both processes end together.
    paths = sorted((corpus / "documents" / "files").iterdir(), key=lambda path: (-path.stat().st_size, path.name))
    formats = [_format(path) for path in paths]
    converted = _converted(dict(zip(paths, formats, strict=True)))
    scores: list[Score] = []
    scans: dict[str, int] = {}
    left_out: list[tuple[str, str]] = []
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        results = pool.map(_compared, paths, formats, [converted.get(path, {}) for path in paths])
        for path, compared in zip(paths, results, strict=True):
            scores += compared.scores
            if compared.scans:
                scans[path.name] = compared.scans
            left_out += [(path.name, reason) for reason in compared.left_out]
    return Measured(tuple(sorted(scores, key=lambda score: score.name)), scans, tuple(sorted(left_out)))


def _format(path: Path) -> str:
    try:
        media_type = sniff(path)
    except FileError as error:
        return error.code
    return _FORMATS.get(media_type, media_type)


def _converted(formats: dict[Path, str]) -> dict[Path, dict[str, str]]:
    """Return what LibreOffice reads of each file, by row of the table."""
    texts: dict[Path, dict[str, str]] = defaultdict(dict)
    with tempfile.TemporaryDirectory(prefix="ikhub-quality-") as folder:
        for target in (second.TEXT, second.SLIDES, second.PDF, second.SHEETS):
            rows = {name: row for name in _CONVERSIONS for row, to in _CONVERSIONS[name].items() if to == target}
            chosen = [path for path, name in formats.items() if name in rows]
            for path, text in second.by_libreoffice(chosen, target, Path(folder)).items():
                texts[path][rows[formats[path]]] = text
    return texts


@dataclass(slots=True)
class _Compared:
    """What came of one document; `scans` is how many of its pages wait for OCR."""

    scores: list[Score] = field(default_factory=list)
    scans: int = 0
    left_out: list[str] = field(default_factory=list)


def _compared(path: Path, name: str, converted: dict[str, str]) -> _Compared:
    try:
        pages = _read(path)
    except FileError as error:
        return _Compared(left_out=[f"the hub does not read it ({error.code})"])
    if name == "PDF":
        return _compared_pages(path, pages)
    texts: dict[str, str] = {}
    left_out = []
    for row in _CONVERSIONS.get(name, ()):
        if row in converted:
            texts[row] = converted[row]
        else:
            left_out.append(f"{row}: LibreOffice {'does not read it' if second.libreoffice() else 'is not installed'}")
    match name:
        case "XLSX":
            texts[_STRINGS] = second.by_xml_of_sheets(path)
        case "HTML":
            texts[name] = second.by_lxml(path)
        case "MD" | "TXT":
            texts[name] = second.by_decoding(path)
    ours = "\n".join(page.text for page in pages)
    scores = [
        Score(path.name, row).with_text(ours, theirs, pages=len(pages), figures=row != _STRINGS)
        for row, theirs in texts.items()
    ]
    if not texts and not left_out:
        left_out.append(f"there is no second reader of {name}")
    return _Compared(scores, left_out=left_out)


def _read(path: Path) -> list[Page]:
    options = options_of(load_settings(None, {}))
    with Sandbox() as sandbox:
        return [event for event in sandbox.extract(path, sniff(path), options) if isinstance(event, Page)]


def _compared_pages(path: Path, pages: Sequence[Page]) -> _Compared:
    """Compare page by page, those that pdfium has read with pdfminer's and the other way round."""
    to_read = [page for page in pages if not page.scan]
    compared = _Compared(scans=len(pages) - len(to_read))
    if by_pdfium := [page for page in to_read if page.reader is None]:
        try:
            texts = second.by_pdfminer(path)
        except FileError as error:
            compared.left_out.append(f"pdfminer.six does not read it ({error.code})")
        else:
            compared.scores.append(_score_of(Score(path.name, _PDFIUM), by_pdfium, texts, len(texts) == len(pages)))
    if by_pdfminer := [page for page in to_read if page.reader is not None]:
        texts = second.by_pdfium(path, [page.number for page in by_pdfminer])
        compared.scores.append(_score_of(Score(path.name, _PDFMINER), by_pdfminer, texts, True))
    return compared


def _score_of(score: Score, pages: Sequence[Page], texts: dict[int, str], have_same_numbers: bool) -> Score:
    if not have_same_numbers:
        # The second reader finds other pages in a damaged file: which is which, nobody knows.
        ours = "\n".join(page.text for page in pages)
        return score.with_text(ours, "\n".join(texts.values()), pages=len(pages))
    for page in pages:
        score = score.with_text(page.text, texts.get(page.number, ""))
    return score


def report(measured: Measured | None = None) -> str:
    """Return the figures as a section of docs/quality.md, measured now unless they are given."""
    measured = measured or measure()
    rows: dict[str, list[Score]] = defaultdict(list)
    for score in measured.scores:
        rows[score.row].append(score)
    lines = [
        "## Text",
        "",
        "Real documents only, all of them, read as the pipeline reads them with the shipped settings, beside a second "
        "reader. *Recall* is the share of the second reader's words of two characters or more that the hub's text "
        "has, each as often as it occurs. *Order* is the share of its pairs of neighbouring words that are neighbours "
        "in the hub's text too, of the words that both have. The mean is that of the documents, each counting once. "
        "The second reader is no truth: what it leaves out is not missed, and what it adds or sorts otherwise counts "
        "against the hub.",
        "",
        "| format | second reader | documents | pages | words | recall, mean | lowest | order, mean | lowest |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_line(row, rows[row]) for row in sorted(rows, key=[*_READERS, *sorted(rows)].index)),
        "",
        "Pages of PDF are compared one by one, in a file in which the two find other numbers of pages all together.",
    ]
    if second.libreoffice() is None:
        lines += ["", "LibreOffice is not installed here: what it would read is missing from the table."]
    if by_pdfminer := rows.get(_PDFMINER):
        named = ", ".join(f"{score.name} {score.pages}" for score in by_pdfminer)
        lines += ["", f"Pages that pdfminer.six has read, for pypdfium2's text was doubtful: {named}."]
    if measured.scans:
        named = ", ".join(f"{name} {number}" for name, number in sorted(measured.scans.items()))
        lines += ["", f"Left out, for they wait for OCR: {sum(measured.scans.values())} pages of PDF ({named})."]
    if measured.left_out:
        lines += ["", "Not compared:", "", *(f"- {name}: {reason}" for name, reason in measured.left_out)]
    return "\n".join([*lines, *_weak(measured.scores)]) + "\n"


def _weak(scores: Sequence[Score]) -> list[str]:
    """Return the documents whose texts agree little, with what was seen when somebody looked at both."""
    with NOTES.open(encoding="utf-8", newline="") as file:
        notes = {(entry["document"], entry["format"]): entry["note"] for entry in csv.DictReader(file)}
    weak = {score: _least(score) for score in scores if _least(score) < _GOOD}
    if not weak:
        return []
    return [
        "",
        f"Documents of which recall or order is below {_GOOD}, and what a look at both texts and at the page showed "
        "(`labels/text.csv`):",
        "",
        "| document | format | words | recall | order | what was seen |",
        "|---|---|---|---|---|---|",
        *(
            f"| {score.name} | {score.row} | {score.words} | {_share(score.recall)} | {_share(score.order)} | "
            f"{notes.get((score.name, score.row.partition(',')[0]), 'not looked at')} |"
            for score in sorted(weak, key=lambda score: (weak[score], score.name))
        ),
    ]


def _least(score: Score) -> float:
    return min(share for share in (score.recall, score.order, 1.0) if share is not None)


def _line(row: str, scores: Sequence[Score]) -> str:
    recalls = [(score.recall, score.name) for score in scores if score.recall is not None]
    orders = [(score.order, score.name) for score in scores if score.order is not None]
    pages, number = sum(score.pages for score in scores), sum(score.words for score in scores)
    return (
        f"| {row} | {_READERS.get(row, '')} | {len(scores)} | {pages:,} | {number:,} | "
        f"{_mean(recalls)} | {_lowest(recalls)} | {_mean(orders)} | {_lowest(orders)} |"
    )


def _mean(shares: Sequence[tuple[float, str]]) -> str:
    return _share(sum(share for share, _ in shares) / len(shares)) if shares else ""


def _lowest(shares: Sequence[tuple[float, str]]) -> str:
    # With one document the mean says it all, and of many that are whole none is the lowest.
    if len(shares) < 2 or min(shares)[0] == 1:
        return _share(min(shares)[0]) if shares else ""
    return f"{_share(min(shares)[0])} {min(shares)[1]}"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.3f}"


if __name__ == "__main__":
    print(report())

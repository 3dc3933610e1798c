"""When a document was issued: of a regulation the day of its enactment, else a date that stands alone on page 1.

When the file was made says nothing: of 1,635 laws the year of creation was the law's in 19%.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from holdings.model import Page
from ingest.description.findings import Finding, found, one_line, squash
from ingest.description.regulations import Regulation
from ingest.description.statutes import statute_of
from ingest.model import FileMetadata

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan djanuari",
            "februari pebruari february feb",
            "maret march mar mrt",
            "april apr",
            "mei may mai",
            "juni june jun djuni",
            "juli july jul djuli",
            "agustus august aug agt",
            "september sept sep",
            "oktober october okt oct",
            "november nopember nov nop",
            "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}
# Written together with day and year, a month is not told by its first letters.
_WRITTEN = "|".join(name.upper() for name in _MONTHS if len(name) > 3 or name in ("mei", "may", "mai"))
# As Malay, French and German write them, where it is otherwise.
_MONTHS |= {
    name: number
    for number, names in enumerate(
        (
            "janvier januar",
            "février februar",
            "mac mars märz",
            "avril",
            "",
            "jun juin",
            "julai juillet",
            "ogos août",
            "septembre",
            "octobre",
            "",
            "disember décembre dezember",
        ),
        start=1,
    )
    for name in names.split()
}
MONTHS = "|".join(sorted(_MONTHS, key=len, reverse=True))
# The letters that a scan makes of digits are taken for them.
_ENACTMENT = re.compile(
    r"(?P<verb>DISAHKAN|DISYAHKAN|DITETAPKAN|DIUNDANGKAN)(?:DI[A-Z]{3,30}?)?(?:PADA)?(?:TANGGAL|TGL)"
    rf"(?P<day>[0-3OIL]?[0-9OIL])(?P<month>{_WRITTEN})(?P<year>[12IL][0-9OILTSBZ]{{3}})"
)
_VERBS = frozenset({"disahkan", "disyahkan", "ditetapkan", "diundangkan"})
_TELLS_ENACTMENT = re.compile(rf"\b(?:{'|'.join(sorted(_VERBS))})\s+di\b.{{0,80}}?tanggal", re.I | re.S)
_DIGITS = str.maketrans("OILTSBZ", "0111582")

_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_DAY_FIRST = re.compile(rf"(?<!\d){_DAY}[\s.,-]+(?P<month>{MONTHS})[\s.,-]+{_YEAR}", re.I)
_MONTH_FIRST = re.compile(rf"\b(?P<month>{MONTHS})\.?\s+{_DAY},?\s+{_YEAR}", re.I)
_ISO = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
_MONTH_ONLY = re.compile(rf"\b(?P<month>{MONTHS})\.?,?\s+{_YEAR}", re.I)
_YEAR_ONLY = re.compile(r"^\W*(?:tahun\s+|©\s*|copyright\s+(?:©|\(c\))?\s*)?(?P<year>(?:19|20)\d\d)\W*$", re.I)
# "Working Paper 14, 2019"
_YEAR_LAST = re.compile(
    r"^(?=.*\b(?:paper|report|brief|seri|series|laporan|no|edisi|cetakan|edition|printing)\b).*[,.]\s*"
    r"(?P<year>(?:19|20)\d\d)$",
    re.I,
)
# "Jakarta, 2018", "Wahid Foundation, 2019", "Jakarta 2018"
_PLACED_YEAR = re.compile(
    r"^(?:[A-Z][\w.-]*(?: [A-Z][\w.-]*){0,3},|Jakarta|Yogyakarta|Bandung)\s+(?P<year>(?:19|20)\d\d)$"
)

# A date that is said to be the document's, wherever it stands on the first pages.
_SAID = re.compile(
    r"(?:\b(?:date|tanggal|date published|publication date|tanggal terbit)\s*:|"
    r"\b(?:published|diterbitkan|disampaikan|dated|edition|last (?:updated|revised)|diperbarui)"
    r"(?: online| first| on| in| pada| tanggal)*)\W*$",
    re.I,
)
# "J. Sci. 2017, 5(1)", "Vol. 12 No. 2, 2019"
_OF_A_VOLUME = re.compile(
    r"\b(?P<year>(?:19|20)\d\d)\s*[,;:]\s*\d+\s*\(\d+\)|\bvol(?:ume)?\b\.?\s*\d+.{0,30}?\b(?P<later>(?:19|20)\d\d)\b",
    re.I,
)
_WORDS_OF_A_CITATION = 14
# "Jakarta, Desember 2019" under a foreword or at the end, "Issued August 1997".
_SIGNED = re.compile(
    r"^(?:(?-i:[A-Z])[\w.]*(?: (?-i:[A-Z])[\w.]*){0,2},|issued|published|diterbitkan(?: pada)?|"
    r"ditetapkan di \w+,?)?\s*$",
    re.I,
)
# As forms and letters have it, the day first.
_NUMERIC = re.compile(
    r"(?<![\d.-])(?P<day>\d{1,2})(?P<sign>[-.])(?P<month>\d{1,2})(?P=sign)(?P<year>(?:19|20)\d\d)(?![\d.-])"
)
_PUBLISHED_YEAR = re.compile(
    r"^(?:published|reprinted|reproduced|citation)\b.{0,120}?\b(?P<year>(?:19|20)\d\d)\b|(?:©|"
    r"\bcopyright\b)\D{0,20}(?P<copyright>(?:19|20)\d\d)",
    re.I,
)
_DAY_MONTH_YEAR = re.compile(r"(?<![\d.])(?P<day>\d{1,2})[-./](?P<month>\d{1,2})[-./](?P<year>(?:19|20)\d\d)(?!\d)")
# Dates of something else that is done with a document.
_NOT_ITS_DATE = re.compile(
    r"\b(?:converted|downloaded|accessed|retrieved|printed|diunduh|diakses|received|accepted|born|lahir)\b",
    re.I,
)

_YEAR_AT_END = re.compile(r"(?:19|20)\d\d$")
_FIRST_PAGE_LINES = 60
_A_YEAR = re.compile(r"\d{4}")
# What has more words is no line with a date, but a paragraph.
_MAX_WORDS = 30
_FEW_WORDS = 60
_OPENING = 3
# A line with more words than this is a sentence, whose dates are of something else.
_WORDS_BESIDE = 5


@dataclass(frozen=True, slots=True)
class _Dated:
    value: str
    words: str


def tells_enactment(page: Page, folded: Sequence[str]) -> bool:
    """Say whether a page, whose words are `folded`, may tell when a regulation was enacted; cheap, for each page."""
    return not _VERBS.isdisjoint(folded) and _TELLS_ENACTMENT.search(page.text) is not None


def date_of(regulation: Regulation | None, pages: Sequence[Page], metadata: FileMetadata) -> Finding | None:
    """Return the date as `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as exactly as it is known; None when nothing tells."""
    if regulation is not None:
        return _enactment(regulation, pages)
    published = iso_date(metadata.published)
    statute = statute_of(pages)
    if statute is not None and (year := _YEAR_AT_END.search(statute.value)):
        return found(year[0], 0.7, statute.page, statute.words)
    if published is not None:
        return found(published, 0.9, None, metadata.published or "")
    first = next((page for page in pages if page.text.strip()), None)
    if first is None:
        return None
    standing = next(_standing_alone(first), None)
    if standing is not None:
        # A day is written for the document; a month or a year may be for something else.
        confidence = {10: 0.9, 7: 0.9, 4: 0.8}[len(standing.value)]
        return found(standing.value, confidence, first.number, standing.words)
    return _said(pages) or _on_next_page(first, pages) or _of_a_volume(first) or _signed(first, pages)


def _enactment(regulation: Regulation, pages: Sequence[Page]) -> Finding | None:
    """Return when a regulation was enacted, else promulgated, else the year in its number."""
    best: tuple[int, Finding] | None = None
    for page in pages:
        squashed = squash(page.text)
        for match in _ENACTMENT.finditer(squashed.text):
            year = int(match["year"].translate(_DIGITS))
            # The year of the number is right where they differ and both were scanned; most laws have one year.
            value = _iso(year, match["month"], match["day"].translate(_DIGITS))
            if value is None or (regulation.year is not None and abs(year - regulation.year) > 1):
                continue
            rank = 2 * (match["verb"] == "DIUNDANGKAN") + (year != regulation.year)
            start, end = squashed.span(match)
            if best is None or rank < best[0]:
                confidence = 0.95 if rank == 0 else 0.8
                best = rank, found(value, confidence, page.number, page.text[start:end])
    if best is not None:
        return best[1]
    if regulation.year is None:
        return None
    return found(str(regulation.year), 0.8, regulation.title.page, regulation.title.words)


def _with_years(page: Page) -> list[str]:
    """Return the first lines that have a year: the patterns of dates are slow on running text."""
    return [one_line(line) for line in page.text.split("\n")[:_FIRST_PAGE_LINES] if _A_YEAR.search(line)]


def _standing_alone(page: Page) -> Iterator[_Dated]:
    """Yield the dates that stand on a line of their own or with a few words, the most exact first."""
    lines = [line for line in _with_years(page) if line.count(" ") < _MAX_WORDS]
    for patterns in (
        (_DAY_FIRST, _MONTH_FIRST, _ISO, _NUMERIC),
        (_MONTH_ONLY,),
        (_YEAR_ONLY, _YEAR_LAST, _PLACED_YEAR),
    ):
        for line in lines:
            if _NOT_ITS_DATE.search(line):
                continue
            for pattern in patterns:
                match = pattern.search(line)
                if match is None or (line[0].islower() and match.end() < len(line)):
                    continue
                if len((line[: match.start()] + line[match.end() :]).split()) > _WORDS_BESIDE:
                    continue
                parts = match.groupdict()
                value = _iso(int(parts["year"]), parts.get("month"), parts.get("day"))
                if value is not None:
                    yield _Dated(value, line)


def _said(pages: Sequence[Page]) -> Finding | None:
    """Return a date that the first pages call the document's, else the year in which it was published."""
    for patterns, confidence in (((_DAY_FIRST, _MONTH_FIRST, _ISO, _DAY_MONTH_YEAR, _MONTH_ONLY), 0.7), ((), 0.5)):
        for page in pages[:_OPENING]:
            for line in _with_years(page):
                for pattern in patterns:
                    for match in pattern.finditer(line):
                        parts = match.groupdict()
                        value = _iso(int(parts["year"]), parts.get("month"), parts.get("day"))
                        if value is not None and _SAID.search(line[: match.start()]):
                            return found(value, confidence, page.number, line)
                published = _PUBLISHED_YEAR.search(line) if not patterns else None
                if published is not None:
                    value = _iso(int(published["year"] or published["copyright"]), None, None)
                    if value is not None:
                        return found(value, confidence, page.number, line)
    return None


def _on_next_page(first: Page, pages: Sequence[Page]) -> Finding | None:
    """Return a date of the page after a cover of few words."""
    if len(first.text.split()) > _FEW_WORDS:
        return None
    following = next((page for page in pages[:_OPENING] if page.number > first.number and page.text.strip()), None)
    standing = next(_standing_alone(following), None) if following is not None else None
    return found(standing.value, 0.6, following.number, standing.words) if standing and following else None


def _of_a_volume(first: Page) -> Finding | None:
    """Return the year of the volume of a journal that the first page cites itself by."""
    for line in _with_years(first):
        cited = _OF_A_VOLUME.search(line)
        if cited is not None and len(line.split()) <= _WORDS_OF_A_CITATION:
            value = _iso(int(cited["year"] or cited["later"]), None, None)
            if value is not None:
                return found(value, 0.6, first.number, line)
    return None


def _signed(first: Page, pages: Sequence[Page]) -> Finding | None:
    """Return the date with which a foreword or the last page ends, on a line with nothing but a place."""
    opening = [page for page in pages[1:_OPENING] if page is not first]
    for page in (*opening, *pages[_OPENING:][-1:]):
        for dated in _standing_alone(page):
            matches = (pattern.search(dated.words) for pattern in (_DAY_FIRST, _MONTH_FIRST, _MONTH_ONLY))
            match = next(filter(None, matches), None)
            at_end = match is not None and match.end() == len(dated.words.rstrip(" ."))
            if match is not None and at_end and _SIGNED.match(dated.words[: match.start()]):
                return found(dated.value, 0.55, page.number, dated.words)
    return None


def iso_date(text: str | None) -> str | None:
    """Return the date that a property states, as exactly as it does; None for what is no date of a document."""
    if not text:
        return None
    match = re.match(r"\s*(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?!\d)", text)
    if match is not None:
        return _iso(int(match[1]), match[2], match[3])
    for pattern in (_DAY_FIRST, _MONTH_FIRST, _MONTH_ONLY):
        if written := pattern.search(text):
            parts = written.groupdict()
            return _iso(int(parts["year"]), parts.get("month"), parts.get("day"))
    return None


def _iso(year: int, month: str | None, day: str | None) -> str | None:
    """Return a date in ISO 8601 if there is such a day and it can be a document's: not in the future."""
    number = (int(month) if month.isdigit() else _MONTHS[month.casefold()]) if month else None
    try:
        at = date(year, number or 1, int(day) if day else 1)
    except ValueError:
        return None
    if year < 1900 or at > datetime.now(UTC).date():
        return None
    if number is None:
        return f"{year}"
    return f"{year}-{number:02}-{int(day):02}" if day else f"{year}-{number:02}"

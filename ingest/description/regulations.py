"""Regulations by their heading, `PERATURAN PRESIDEN REPUBLIK INDONESIA NOMOR 7 TAHUN 2021 TENTANG …`, at the top.

Patterns run on capitals and digits alone (`findings.squash`): scans put spaces and signs anywhere. Laws that a text
only speaks of stand in small letters or further down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from holdings.model import Page
from ingest.description.capitals import acronyms_in, is_in_capitals, title_case
from ingest.description.findings import Finding, Squashed, found, one_line, squash

_HEADING_PAGES = 3
# Where the heading may begin on its page, in characters; a gazette puts its own name and a summary before it.
_LATEST_START = 1_500
_MAX_SUBJECT_LINES = 30
_MAX_SUBJECT = 1_000
_PAGE_CHARACTERS = 8_000

# How kinds of regulation are called and cited; more special ones first.
_KINDS = (
    ("PERATURANPEMERINTAHPENGGANTIUNDANGUNDANG", "Peraturan Pemerintah Pengganti Undang-Undang", "Perppu"),
    ("UNDANGUNDANGDARURAT", "Undang-Undang Darurat", "UU Darurat"),
    ("UNDANGUNDANG", "Undang-Undang", "UU"),
    ("PERATURANPEMERINTAH", "Peraturan Pemerintah", "PP"),
    ("PERATURANPRESIDEN", "Peraturan Presiden", "Perpres"),
    ("KEPUTUSANPRESIDEN", "Keputusan Presiden", "Keppres"),
    ("INSTRUKSIPRESIDEN", "Instruksi Presiden", "Inpres"),
)
_COUNTRY = r"(?:REPUB[A-Z0-9]{2,4}IND[O0]NES[I1]A)"
_NUMBER = r"N[O0](?:M[O0]R|(?=[0-9]))"
# Digits, and the letters that a scan makes of them.
_YEAR = r"[12I|LT][0-9OQILTSBZG]{3}"
_HEADING = re.compile(
    r"(?P<before>LAMPIRAN[IVX]*|PENJELASAN(?:ATAS)?|RANCANGAN)?"
    r"(?P<kind>PERATURANPEMERINTAHPENGGANTIUNDANGUNDANG|UNDANGUNDANGDARURAT|UNDANG(?:UNDANG)?"
    r"|(?:PERATURAN|KEPUTUSAN|INSTRUKSI|SURATEDARAN|QANUN|KETETAPAN)[A-Z1]{0,150}?)"
    rf"{_COUNTRY}?(?:UU)?{_NUMBER}(?P<number>[A-Z]{{0,6}}[0-9OIL][A-Z0-9]{{0,40}}?)"
    rf"(?:TAHUN(?P<year>{_YEAR})[0-9]{{0,8}})?TENTANG"
)
# The kind got lost: it is named again where the text is enacted.
_HEADING_WITHOUT_KIND = re.compile(
    rf"(?P<before>)(?P<kind>PRESIDEN){_COUNTRY}{_NUMBER}(?P<number>[0-9OIL]{{1,3}})TAHUN(?P<year>{_YEAR})TENTANG"
)
_ENACTED_KIND = re.compile(r"MENETAPKAN(" + "|".join(pattern for pattern, _, _ in _KINDS) + ")TENTANG")
_ENGLISH = re.compile(
    r"(?P<before>)(?P<kind>LAW|ACT)(?:OFTHE)?REPUBLICOFINDONESIAN(?:UMBER|O)(?P<number>[0-9]{1,3})(?:OF|"
    r"YEAR)(?:THEYEAR)?"
    rf"(?P<year>{_YEAR})(?:CONCERNING|REGARDING|ABOUT|ON)"
)
_END_OF_SUBJECT = re.compile(
    r"DENGANRA|PRESIDENREPUB|MENIMBANG|MEMPERTIMBANGKAN|MENGINGAT|MEMBACA|MENDENGAR|BYTHEGRACE|WITHTHEBLESSING|"
    r"THEPRESIDENTOFTHEREPUBLIC|CONSIDERING|(?:I)?UMUM$|BABI$|PASAL1$"
)
_OFFICE = re.compile(
    r"(?:MENTERI|MENTER|GUBERNUR|BUPATI|WALIKOTA|KEPALA|DEWAN|DIREKTUR|KETUA|JAKSA|PANGLIMA|MAHKAMAH|KOMISI|BADAN|"
    r"ROKAN)"
)
_OF_COUNTRY = re.compile(r"\s*\bREPUB\w{2,4}\s+IND[O0]NES[I1]A\b", re.IGNORECASE)
_DIGITS = str.maketrans("OQILTSBZG|", "0011158261")
_NUMERAL = re.compile(r"\b(NOMOR|NO\.?|TAHUN)\s+([0-9OQILTSBZG][0-9OQILTSBZG.]*)(?=[\s,;)]|$)", re.IGNORECASE)


# A scan reads I as an exclamation mark.
_BANG = re.compile(r"(?<=[A-Z])!")
# ... and loses the blank between words; those of the names of offices can be told.
_GLUED = (
    re.compile(
        r"\b(?:PERATURAN|KEPUTUSAN|INSTRUKSI|PERUBAHAN|PENCABUTAN)"
        r"(?=(?:MENTERI|PRESIDEN|PEMERINTAH|DAERAH|GUBERNUR|BUPATI|ATAS|BADAN))"
    ),
    re.compile(r"\bMENTERI(?!AN)(?=[A-Z]{4})"),
    re.compile(r"\bATAS(?=PERATURAN|UNDANG)"),
)
_LAWS = re.compile(r"\bUNDANG\s*[-–—]\s*UNDANG\b")
_ENDING = re.compile(r"[\s.,:;*]+$|\s*\*\)\s*$")
_PAGE_NUMBER = re.compile(r"[-–—\s\d.]*$")
_BEFORE = {"LAMPIRAN": "Lampiran ", "PENJELASAN": "Penjelasan atas ", "RANCANGAN": "Rancangan "}


@dataclass(frozen=True, slots=True)
class Regulation:
    """A regulation as its heading names it. A draft has no number, and is not of the kind."""

    title: Finding
    kind: Finding | None
    number: Finding | None
    year: int | None


def regulation_of(pages: Sequence[Page]) -> Regulation | None:
    """Return the regulation whose heading stands at the top of one of the first pages, if there is one."""
    for index, page in enumerate(pages[:_HEADING_PAGES]):
        squashed = squash(page.text[:_PAGE_CHARACTERS])
        following = pages[index + 1].text[:_MAX_SUBJECT] if index + 1 < len(pages) else ""
        for pattern in (_HEADING, _HEADING_WITHOUT_KIND, _ENGLISH):
            for match in pattern.finditer(squashed.text):
                start, end = squashed.span(match)
                if start > _LATEST_START:
                    break
                if not is_in_capitals(page.text[start:end]):
                    continue
                subject, ended = _subject(f"{page.text[end:_PAGE_CHARACTERS]}\n{following}")
                if subject and (ended or is_in_capitals(subject)):
                    return _regulation(pages, page, squashed, match, subject, sure=ended)
    return None


def _regulation(
    pages: Sequence[Page], page: Page, squashed: Squashed, match: re.Match[str], subject: str, *, sure: bool
) -> Regulation:
    start, end = squashed.span(match)
    words = f"{page.text[start:end]} {subject}"
    before = next((said for mark, said in _BEFORE.items() if (match["before"] or "").startswith(mark)), "")
    draft = before == _BEFORE["RANCANGAN"]
    number = _number(squashed, match)
    year = _year(match["year"])
    name, cited = _kind(pages, squashed, match)
    english = match.re is _ENGLISH
    acronyms = frozenset[str]().union(*(acronyms_in(p.text[:_PAGE_CHARACTERS]) for p in pages))
    subject = title_case(subject, acronyms)
    if english:
        title = f"{name} Number {number}{f' of {year}' if year else ''} concerning {subject}"
    else:
        title = f"{before}{name} Nomor {number}{f' Tahun {year}' if year else ''} tentang {subject}"
    confidence = 0.95 if sure and (year or not match["year"]) else 0.75
    numbered = f"{cited} {number}{f'/{year}' if year else ''}"
    return Regulation(
        title=found(title, confidence, page.number, words),
        kind=None if draft else found("regulation", confidence, page.number, page.text[start:end]),
        number=None if draft else found(numbered, confidence, page.number, page.text[start:end]),
        year=year or _year_within(number),
    )


def _kind(pages: Sequence[Page], squashed: Squashed, match: re.Match[str]) -> tuple[str, str]:
    """Return what the kind is called and how it is cited."""
    if match.re is _ENGLISH:
        return title_case(match["kind"]), "UU"
    kind = match["kind"]
    if match.re is _HEADING_WITHOUT_KIND:
        enacted = (_ENACTED_KIND.search(squash(page.text).text) for page in pages)
        kind = next((found_kind[1] for found_kind in enacted if found_kind), "UNDANGUNDANG")
    for mark, name, cited in _KINDS:
        # A scan loses one half of UNDANG-UNDANG now and then.
        if kind == mark or (kind == "UNDANG" and mark == "UNDANGUNDANG"):
            return name, cited
    start, end = squashed.span(match, "kind")
    name = title_case(_OF_COUNTRY.sub("", _mended(squashed.original[start:end])).strip())
    return name, name


def _number(squashed: Squashed, match: re.Match[str]) -> str:
    digits = match["number"].translate(_DIGITS)
    if digits.isdigit():
        return str(int(digits))
    start, end = squashed.span(match, "number")
    return re.sub(r"\s*([/.-])\s*", r"\1", one_line(squashed.original[start:end]))


def _year(text: str | None) -> int | None:
    digits = (text or "").translate(_DIGITS)
    return int(digits) if digits.isdigit() and 1900 < int(digits) < 2100 else None


def _year_within(number: str) -> int | None:
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", number)
    return int(years[-1]) if years else None


def _subject(text: str) -> tuple[str, bool]:
    """Return what the regulation is about and whether its end was seen."""
    parts: list[str] = []
    ended = False
    for line in _lines(text):
        mark = squash(line).text
        if _END_OF_SUBJECT.match(mark) or (_OFFICE.match(mark) and line.endswith(",")):
            ended = True
            break
        parts.append(line)
    # Without an end, what is still in capitals is the subject.
    subject = _mended(" ".join(parts if ended else _leading_capitals(parts)))
    subject = _NUMERAL.sub(lambda m: f"{m[1]} {m[2].translate(_DIGITS).replace('.', '')}", subject)
    return _ENDING.sub("", subject)[:_MAX_SUBJECT], ended


def _mended(words: str) -> str:
    """Return capitals of a heading with what scans do to them undone, as far as it can be told."""
    words = _LAWS.sub("UNDANG-UNDANG", _BANG.sub("I", one_line(words)))
    for glued in _GLUED:
        words = glued.sub(lambda match: f"{match[0]} ", words)
    return words


def _lines(text: str) -> Iterator[str]:
    taken = 0
    for line in text.split("\n"):
        words = one_line(line)
        if not words or _PAGE_NUMBER.fullmatch(words):
            continue
        taken += 1
        if taken > _MAX_SUBJECT_LINES:
            return
        yield words


def _leading_capitals(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if not is_in_capitals(line):
            return
        yield line

"""Who issued a document: of a law the republic, of other regulations who enacted them, else who stands on the cover."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from holdings.model import Page
from ingest.description.bodies import bare_name, is_organisation
from ingest.description.capitals import title_case
from ingest.description.cover import Line, Role, undate
from ingest.description.findings import Finding, found, one_line
from ingest.description.regulations import Regulation

_OF_PARLIAMENT_OR_PRESIDENT = ("UU", "Perppu", "PP", "Perpres", "Keppres", "Inpres", "UU Darurat")
_REPUBLIC = "republik-indonesia"
_ENACTED_BY = re.compile(
    r"^(?:Peraturan|Keputusan|Instruksi|Surat Edaran|Qanun)\s+(?:Daerah\s+|Bersama\s+)?(?P<body>.+?)"
    r"(?:\s+Nomor\b|\s+No\.?\s|\s+[A-Z]{1,4}\s+\d|\s+[\d/]|$)"
)
_LOCAL = re.compile(
    r"^(?:(?P<office>Bupati|Wali\s?kota|Gubernur)|(?P<area>Kabupaten|Kota|Provinsi))\s+(?P<name>.+)$", re.I
)
_AREAS = {"bupati": "Kabupaten", "walikota": "Kota", "gubernur": "Provinsi"}
_BY = re.compile(
    r"^(?:diajukan oleh|disusun oleh|diterbitkan oleh|published by|issued by|prepared by|for|oleh|by)\s+", re.I
)
_ISSUED_BY = re.compile(r"^(?:diajukan oleh|diterbitkan oleh|published by|issued by|(?-i:for [A-Z]))", re.I)
_IMPRINT = re.compile(
    r"^(?:©|\(c\)|copyright|hak cipta)\s*(?:©|\(c\))?\s*(?:\d{4}[,\s]*)?(?P<body>[^.,\d]{4,80})", re.I
)
_OF_COUNTRY = re.compile(r"\s+(?:republik indonesia|of the republic of indonesia|ri)$", re.I)
_FIRST_LINES = 40


def organisation_of(
    regulation: Regulation | None, head: Sequence[Line], pages: Sequence[Page], ids: Mapping[str, str]
) -> Finding | None:
    """Return who issued the document: the id of an organisation that is known, else its name; None when nothing tells.

    `ids` has the id of each organisation by each of its names, case-folded.
    """
    if regulation is not None:
        return _enacted_by(regulation, ids)
    page = next((page for page in pages if page.text.strip()), None)
    if page is None:
        return None
    for name, line, confidence in _named(head, page, ids):
        bare = _OF_COUNTRY.sub("", bare_name(name)).strip()
        identifier = ids.get(bare_name(name).casefold()) or ids.get(bare.casefold())
        if identifier is None:
            identifier = next((ids[key] for key in _starts(bare) if key in ids), None)
        if identifier is not None:
            return found(identifier, min(0.95, confidence + 0.15), page.number, line)
        return found(title_case(bare_name(name)), confidence, page.number, line)
    return None


def _named(head: Sequence[Line], page: Page, names: Container[str]) -> Iterator[tuple[str, str, float]]:
    """Yield what may be the name of who issued the document, the likeliest first, with its line."""
    known = _with_known(head, names)
    if known is not None:
        yield known[0], known[1], 0.8
    for line in head:
        if line.role is Role.ORGANISATION:
            yield line.text, line.text, 0.75
    for line in head:
        text = _BY.sub("", line.text)
        body = _before_series(undate(text))
        if line.role in (Role.DATE, Role.BYLINE) and is_organisation(body, names):
            yield body, line.text, 0.7
        elif _ISSUED_BY.match(line.text) and _is_name(body):
            yield body, line.text, 0.5
    for raw in page.text.split("\n")[:_FIRST_LINES]:
        match = _IMPRINT.match(one_line(raw))
        if match is not None:
            yield match["body"].strip(), raw, 0.6
            return


def _with_known(head: Sequence[Line], names: Container[str]) -> tuple[str, str] | None:
    """Return the first line of the head, but for the title, that is or begins with the name of a known organisation."""
    for line in head:
        if line.role in (Role.TEXT, Role.BLANK):
            continue
        text = _BY.sub("", line.text)
        for body in (text, undate(text), _before_series(undate(text))):
            bare = bare_name(body)
            if bare.casefold() in names or _OF_COUNTRY.sub("", bare).casefold() in names:
                return body, line.text
        if line.role is not Role.TITLE:
            start = next((key for key in _starts(bare_name(text)) if key in names), None)
            if start is not None:
                return start, line.text
    return None


def _before_series(text: str) -> str:
    """Return the name of a body without the series or the part of it that follows."""
    return re.split(r",\s+|\s+(?=(?:working|occasional|policy|discussion) paper\b)", text, maxsplit=1, flags=re.I)[0]


def _starts(name: str) -> Iterator[str]:
    """Yield what a name begins with, the longest first: `UNDP Indonesia`, `UNDP`."""
    words = name.split()
    for end in range(len(words), 0, -1):
        start = " ".join(words[:end]).strip(" ,.").casefold()
        if len(start) > 3:
            yield start


def _is_name(text: str) -> bool:
    words = text.split()
    return 1 < len(words) <= 7 and all(
        word[0].isupper() or word in ("dan", "and", "of", "untuk", "for") for word in words
    )


def _enacted_by(regulation: Regulation, ids: Mapping[str, str]) -> Finding | None:
    if regulation.number is None:
        return None
    cited = regulation.number.value
    if any(cited.startswith(f"{short} ") for short in _OF_PARLIAMENT_OR_PRESIDENT):
        return found(_REPUBLIC, 0.95, regulation.number.page, regulation.number.words)
    match = _ENACTED_BY.match(cited)
    if match is None:
        return None
    body = _body(match["body"])
    for name in _names(body):
        if name.casefold() in ids:
            return found(ids[name.casefold()], 0.95, regulation.number.page, regulation.number.words)
    return found(next(iter(_names(body))), 0.8, regulation.number.page, regulation.number.words)


def _body(office: str) -> str:
    local = _LOCAL.match(office)
    if local is not None:
        area = local["area"] or _AREAS[local["office"].replace(" ", "").lower()]
        return f"Pemerintah {area} {local['name']}"
    return office


def _names(body: str) -> Iterable[str]:
    """Yield how the body of an office may be called: the ministry of a minister, the agency of its head."""
    if body.startswith("Menteri "):
        return (f"Kementerian {body.removeprefix('Menteri ')}",)
    for office in ("Kepala ", "Ketua ", "Direktur ", "Panglima ", "Jaksa Agung"):
        if body.startswith(office):
            return (body.removeprefix(office) or body, body)
    if body.startswith("Pemerintah Provinsi "):
        return (body, body.replace("Pemerintah Provinsi", "Pemprov"), body.replace("Pemerintah Provinsi", "Pemerintah"))
    return (body,)

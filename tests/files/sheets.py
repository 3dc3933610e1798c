"""Spreadsheets for tests (XLSX), written by hand: cells, and whatever parts belong to a sheet."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from zipfile import ZIP_DEFLATED, ZipFile

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Style 1 is a date, style 2 a date with time.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    '<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def xlsx(
    sheets: Mapping[str, Sequence[str]],
    *,
    hidden: Sequence[str] = (),
    relations: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    tails: Mapping[str, str] | None = None,
    parts: Mapping[str, str] | None = None,
) -> bytes:
    """Return a spreadsheet. A sheet is its rows, each the XML of its cells (`text`, `number`).

    `relations` are kind and target of what a sheet refers to, `tails` what stands in a sheet behind its cells.
    """
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        listed, related, overrides = "", "", ""
        for number, (name, rows) in enumerate(sheets.items(), 1):
            state = ' state="hidden"' if name in hidden else ""
            listed += f'<sheet name="{name}" sheetId="{number}" r:id="s{number}"{state}/>'
            related += _relation(f"s{number}", "worksheet", f"worksheets/sheet{number}.xml")
            overrides += _override(f"/xl/worksheets/sheet{number}.xml", f"{_TYPES}.worksheet+xml")
            lines = "".join(f"<row>{row}</row>" for row in rows)
            package.writestr(
                f"xl/worksheets/sheet{number}.xml",
                f'<worksheet xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheetData>{lines}</sheetData>'
                f"{(tails or {}).get(name, '')}</worksheet>",
            )
            if own := (relations or {}).get(name):
                inner = "".join(_relation(f"r{at}", kind, target) for at, (kind, target) in enumerate(own))
                package.writestr(f"xl/worksheets/_rels/sheet{number}.xml.rels", _relations(inner))
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f"{_override('/xl/workbook.xml', f'{_TYPES}.sheet.main+xml')}{overrides}</Types>",
        )
        package.writestr("_rels/.rels", _relations(_relation("m", "officeDocument", "xl/workbook.xml")))
        package.writestr("xl/styles.xml", _STYLES)
        related += _relation("styles", "styles", "styles.xml")
        package.writestr("xl/_rels/workbook.xml.rels", _relations(related))
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        )
        for name, part in (parts or {}).items():
            package.writestr(name, part)
    return file.getvalue()


def text(place: str, words: str) -> str:
    """Return a cell with words."""
    return f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>'


def number(place: str, value: str, *, style: int = 0) -> str:
    """Return a cell with a number; in style 1 it is a date, in style 2 a date with time."""
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def _relation(identifier: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{identifier}" Type="{_OFFICE}/{kind}" Target="{target}"/>'


def _relations(inner: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _override(part: str, content_type: str) -> str:
    return f'<Override PartName="{part}" ContentType="{content_type}"/>'

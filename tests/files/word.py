"""Word documents for tests: made by python-docx, then given what it cannot write."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.document import Document

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_RELATIONS = "word/_rels/document.xml.rels"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def document(fill: Callable[[Document], object] = lambda _: None, **properties: str) -> bytes:
    """Return a DOCX that `fill` has written, with these core properties."""
    made = docx.Document()
    for name, value in {"author": "", "title": "", **properties}.items():
        setattr(made.core_properties, name, value)
    fill(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def with_body(xml: str, *, content: bytes | None = None) -> bytes:
    """Return a DOCX whose body begins with this WordprocessingML; prefixes w, mc, wps, v, a, r and wp are known."""
    spaces = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    )

    def begin_with(part: bytes) -> bytes:
        # The wrapper is no element of Word's; the walk does not mind.
        wrapped = f"<w:customXml {_W} {spaces}>{xml}</w:customXml>".encode()
        return re.sub(rb"<w:body>", lambda found: found[0] + wrapped, part, count=1)

    return changed(content or document(), {"word/document.xml": begin_with})


def with_notes(xml: str, **notes: Mapping[int, str]) -> bytes:
    """Return a DOCX with this body and with parts `footnotes`, `endnotes` or `comments`, texts by id."""
    parts: dict[str, bytes] = {}
    relations, overrides = "", ""
    for kind, texts in notes.items():
        name = kind.removesuffix("s")
        inner = "".join(
            f'<w:{name} w:id="{number}"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:{name}>'
            for number, text in texts.items()
        )
        separator = f'<w:{name} w:type="separator" w:id="-1"><w:p><w:r><w:t>----</w:t></w:r></w:p></w:{name}>'
        parts[f"word/{kind}.xml"] = f"<w:{kind} {_W}>{separator}{inner}</w:{kind}>".encode()
        relations += f'<Relationship Id="note-{kind}" Type="{_OFFICE}/{kind}" Target="{kind}.xml"/>'
        overrides += f'<Override PartName="/word/{kind}.xml" ContentType="{_WORD}.{kind}+xml"/>'
    return changed(
        with_body(xml),
        {
            _RELATIONS: lambda part: part.replace(b"</Relationships>", relations.encode() + b"</Relationships>"),
            "[Content_Types].xml": lambda part: part.replace(b"</Types>", overrides.encode() + b"</Types>"),
        },
        added=parts,
    )


def changed(
    content: bytes,
    changes: Mapping[str, Callable[[bytes], bytes] | None],
    *,
    added: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return a package with some parts changed, left out (None) or added."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as before, ZipFile(file, "w", ZIP_DEFLATED) as after:
        for entry in before.infolist():
            change = changes.get(entry.filename, _unchanged)
            if change is not None:
                after.writestr(entry.filename, change(before.read(entry)))
        for name, part in (added or {}).items():
            after.writestr(ZipInfo(name), part, ZIP_DEFLATED)
    return file.getvalue()


def _unchanged(part: bytes) -> bytes:
    return part


def paragraph(text: str, properties: str = "") -> str:
    """Return a paragraph in WordprocessingML."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"

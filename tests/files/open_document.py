"""OpenDocument files for tests, written by hand: a body, styles, properties, and whatever parts are to be in them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

_PREFIXES = ("office", "style", "text", "table", "draw", "meta", "presentation", "number", "manifest", "chart")
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = " ".join(f'xmlns:{prefix}="{_OASIS}:{"meta" if prefix == "meta" else prefix}:1.0"' for prefix in _PREFIXES)
_MORE = (
    f'{_SPACES} xmlns:fo="{_OASIS}:xsl-fo-compatible:1.0" xmlns:svg="{_OASIS}:svg-compatible:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def open_document(
    kind: str,
    body: str,
    *,
    styles: str = "",
    masters: str = "",
    properties: str = "",
    parts: Mapping[str, bytes | str] | None = None,
) -> bytes:
    """Return a file of a kind (text, spreadsheet, presentation) with this body and these automatic styles."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        package.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", ZIP_STORED)
        package.writestr("content.xml", content(kind, body, styles))
        package.writestr(
            "styles.xml",
            f"<office:document-styles {_MORE}><office:master-styles>{masters}</office:master-styles>"
            "</office:document-styles>",
        )
        package.writestr(
            "meta.xml",
            f"<office:document-meta {_MORE}><office:meta>{properties}</office:meta></office:document-meta>",
        )
        listed = "".join(
            f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{media_type}"/>'
            for name, media_type in (
                ("/", f"application/vnd.oasis.opendocument.{kind}"),
                *((name, "text/xml") for name in ("content.xml", "styles.xml", "meta.xml")),
            )
        )
        if "META-INF/manifest.xml" not in (parts or {}):
            package.writestr("META-INF/manifest.xml", f"<manifest:manifest {_SPACES}>{listed}</manifest:manifest>")
        for name, part in (parts or {}).items():
            package.writestr(name, part)
    return file.getvalue()


def content(kind: str, body: str, styles: str = "") -> str:
    """Return a content part, as embedded objects have one too."""
    return (
        f"<office:document-content {_MORE}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )

"""Originals: how a reader meets them on a page, and how they are given so that nothing in them runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from flask import Response, request, send_file

from app.hub import current_hub
from app.i18n import gettext
from app.site.links import link
from holdings.model import Document, StoredFile
from holdings.purges import Purge
from indexer.hub import Hub
from indexer.reading import original, removed_originals
from ingest.media_types import PDF, PLAIN_TEXT, name_of

Link = Callable[..., str]
"""Makes an address of an endpoint and its values, as `app.site.links.link` does."""

# What a browser may show as it is; everything else is handed over to be saved.
_SHOWN = frozenset({PDF, PLAIN_TEXT})
# Nothing in an original may run, load anything or be taken for a part of the site.
_ORIGINAL_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
# Some browsers' PDF viewers do not start in a sandbox, and a PDF runs nothing in the origin that it came from.
_PDF_POLICY = "default-src 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class FileView:
    """An original as a reader meets it; `removed` says why it is not there any more."""

    name: str
    format: str
    size: int
    address: str
    save_address: str
    is_shown: bool
    has_pages: bool
    removed: Purge | None


def file_views(hub: Hub, found: Document, to: Link = link) -> list[FileView]:
    """Return the originals of a document. `to` makes their addresses."""
    removed = removed_originals(hub, found)
    return [_file_view(found, file, removed.get(file.sha256), to) for file in found.files]


def original_response(found: Document, sha256: str) -> Response:
    """Return an original of a document so that nothing in it runs in the hub's origin.

    Raises UnknownIdError when the document has no such file, and PurgedFileError when it was removed on purpose.
    """
    path = original(current_hub(), found, sha256)
    stored = next(file for file in found.files if file.sha256 == sha256)
    save = stored.media_type not in _SHOWN or "save" in request.args
    response = send_file(
        path,
        mimetype=stored.media_type,
        as_attachment=save,
        download_name=_file_name(stored),
        conditional=True,
        etag=sha256,
        max_age=0,
    )
    is_shown_pdf = stored.media_type == PDF and not save
    response.headers["Content-Security-Policy"] = _PDF_POLICY if is_shown_pdf else _ORIGINAL_POLICY
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _file_view(found: Document, stored: StoredFile, removed: Purge | None, to: Link) -> FileView:
    def address(**values: str) -> str:
        return to("file", document_id=found.id, sha256=stored.sha256, **values)

    return FileView(
        name=_file_name(stored),
        format=gettext("plain text") if stored.media_type == PLAIN_TEXT else name_of(stored.media_type),
        size=stored.size,
        address=address(),
        save_address=address(save="1"),
        is_shown=stored.media_type in _SHOWN,
        has_pages=stored.media_type == PDF,
        removed=removed,
    )


def _file_name(stored: StoredFile) -> str:
    """Return the name of a file without its folders, and without characters that mean something in a header."""
    name = PurePosixPath((stored.names or (stored.sha256,))[0].replace("\\", "/").rpartition("!/")[2]).name
    return re.sub(r"[\x00-\x1f\x7f]", "", name) or stored.sha256

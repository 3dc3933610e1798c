"""A document as its readers would see it, and its originals, for whom it concerns at the desk.

What it has to do with others is shown as far as the reader who is stood in for *and* whoever looks may read them: an
editor learns nothing here of another organisation's documents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import Response, render_template, request

from app.hub import checked_id, current_hub
from app.i18n import gettext
from app.members.wording import organisation_name
from app.people import person, signed_in_only
from app.site.documents import document_page, text_page
from app.site.links import link
from app.site.originals import original_response
from desk.looking import look
from holdings.access import PARTNERS, PUBLIC, Viewer, may_read
from holdings.model import Document
from holdings.states import State
from indexer.related import Related, related

_PAGES = {"document": "review_preview", "page": "review_preview_page", "file": "review_file"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody whom a preview stands in for. `will_read` says whether they read the document once it is published;
    `now` whether they do at once, which an embargo may forbid."""

    label: str
    name: str
    will_read: bool
    now: bool

    @property
    def viewer(self) -> Viewer:
        return Viewer.of(*([] if self.label == PUBLIC else [PARTNERS, self.label]))


@signed_in_only
def document(document_id: str) -> str:
    """Show the page of a document as one of its readers would see it."""
    found = look(current_hub(), person(), checked_id(document_id))
    reader = _reader(found)
    if not reader.will_read:
        return render_template("members/reviewing/unseen.html", document=found, **_bar(found, reader))
    return document_page(
        found, _others(found, reader), _shared(reader), to=_to_preview(found, reader), **_context(found, reader)
    )


@signed_in_only
def page(document_id: str, number: int) -> str:
    """Show a page of a document's text as one of its readers would see it."""
    found = look(current_hub(), person(), checked_id(document_id))
    reader = _reader(found)
    if not reader.will_read:
        return render_template("members/reviewing/unseen.html", document=found, **_bar(found, reader))
    return text_page(
        found, number, _others(found, reader), _shared(reader), to=_to_preview(found, reader), **_context(found, reader)
    )


@signed_in_only
def file(document_id: str, sha256: str) -> Response:
    """Give an original of a document to whom it concerns."""
    return original_response(look(current_hub(), person(), checked_id(document_id)), sha256)


def readers_of(found: Document) -> list[Reader]:
    """Return whom a preview can stand in for: the public, partners, and the organisations that the access names."""
    access = replace(found.access, state=State.PUBLISHED)
    organisations = sorted({label for label in [*access.labels, access.keeper] if label and label.startswith("org:")})
    now = datetime.now(UTC)

    def reader(label: str, name: str) -> Reader:
        stands_for = Reader(label, name, will_read=False, now=False)
        return replace(
            stands_for,
            will_read=may_read(replace(access, embargo_until=None), stands_for.viewer, now),
            now=may_read(access, stands_for.viewer, now),
        )

    return [
        reader(PUBLIC, gettext("The public")),
        reader(PARTNERS, gettext("Partners")),
        *(reader(label, organisation_name(label.removeprefix("org:"))) for label in organisations),
    ]


def _reader(found: Document) -> Reader:
    """Return whom the address asks for, else the first who will read the document."""
    readers = readers_of(found)
    asked = [reader for reader in readers if reader.label == request.args.get("as")]
    return next(iter(asked), next((reader for reader in readers if reader.will_read), readers[0]))


def _shared(reader: Reader) -> Viewer:
    """Return what both the reader who is stood in for and whoever looks read as."""
    return Viewer(reader.viewer.labels & person().viewer.labels)


def _others(found: Document, reader: Reader) -> list[Related]:
    return related(current_hub(), found.id, _shared(reader))


def _to_preview(found: Document, reader: Reader) -> Callable[..., str]:
    """Return what makes addresses in a preview: those within the document stay in it, but for how to cite it."""

    def to(endpoint: str, **values: Any) -> str:
        inside = values.get("document_id") == found.id and endpoint in _PAGES and "_external" not in values
        return link(_PAGES[endpoint], **values, **{"as": reader.label}) if inside else link(endpoint, **values)

    return to


def _context(found: Document, reader: Reader) -> dict[str, Any]:
    return {"link": _to_preview(found, reader), **_bar(found, reader)}


def _bar(found: Document, reader: Reader) -> dict[str, Any]:
    return {"preview": reader, "previews": readers_of(found)}

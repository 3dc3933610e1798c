"""The page of a person's own work: what is on its way into the hub, drafts, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import checked_id, current_hub
from app.i18n import current_language, gettext
from app.members.uploading.words import (
    Fault,
    belies_its_name,
    fault_of,
    format_words,
    name_words,
    stage_words,
)
from app.people import person, signed_in_only
from app.site.links import link
from desk import uploads
from desk.looking import may_look
from desk.progress import Progress, Stage, found_by_searches, progress
from holdings import documents
from holdings.model import Document, DocumentField
from holdings.states import State
from indexer.facets import facet_label
from indexer.model import Facet

_MOST_PUBLISHED = 20
_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class FileView:
    """A file on its way, in words."""

    id: str
    name: str
    stage: Stage
    words: str
    size: int
    share: float
    format: str | None
    belies: bool
    fault: Fault | None
    document: Document | None
    members: tuple[FileView, ...]

    @property
    def can_be_dropped(self) -> bool:
        return self.stage in {Stage.SENDING, Stage.FAILED}


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document of the person's, as far as the hub understood it."""

    document: Document
    kind: str | None
    organisations: tuple[str, ...]
    is_inferred: bool


@signed_in_only
def work() -> ResponseReturnValue:
    hub, account = current_hub(), person()
    page = min(max(request.args.get("page", 1, int), 1), _MOST_PAGES)
    sent = progress(hub, account, page=page, on_the_way=True)
    most_published = None if "all" in request.args else _MOST_PUBLISHED
    with hub.catalogue.read() as session:
        own = [d for d in documents.of_contributor(session, account.id) if may_look(account, d)]
        found = found_by_searches(hub, session, [d.id for d in own if d.state is State.PUBLISHED][:most_published])
    by_state = {state: [_document_view(d) for d in own if d.state is state] for state in State}
    under_way = any(entry.is_under_way for entry in sent.entries)
    return render_template(
        "members/uploading/work.html",
        files=[_view(entry) for entry in sent.entries],
        page=page,
        pages=sent.pages,
        drafts=[*by_state[State.RETURNED], *by_state[State.DRAFT]],
        submitted=by_state[State.SUBMITTED],
        published=by_state[State.PUBLISHED][:most_published],
        published_number=len(by_state[State.PUBLISHED]),
        found=found,
        under_way=under_way,
        watches=under_way and "watch" in request.args,
        may_send=bool(account.spaces),
        has_broker=bool(hub.settings.ingest.broker_url),
        date_field=DocumentField.DATE,
    )


@signed_in_only
def cancel(upload_id: str) -> ResponseReturnValue:
    """Give up a file that is not in the hub, or take one that failed off the list."""
    uploads.cancel(current_hub(), person(), checked_id(upload_id))
    flash(gettext("It was taken off the list, and what had arrived of it was deleted."), "done")
    return redirect(link("work"))


def _view(entry: Progress) -> FileView:
    return FileView(
        id=entry.upload.id,
        name=name_words(entry.name),
        stage=entry.stage,
        words=stage_words(entry.stage),
        size=entry.upload.size,
        share=entry.upload.received / entry.upload.size,
        format=format_words(entry.media_type) if entry.media_type is not None else None,
        belies=belies_its_name(entry),
        fault=fault_of(entry.error) if entry.error is not None else None,
        document=entry.document,
        members=tuple(_view(member) for member in entry.members),
    )


def _document_view(document: Document) -> DocumentView:
    hub, language = current_hub(), current_language()
    kind = document.value(DocumentField.KIND)
    return DocumentView(
        document=document,
        kind=facet_label(hub, Facet.KIND, kind, language) if kind else None,
        organisations=tuple(
            facet_label(hub, Facet.ORGANISATION, one, language) for one in document.values(DocumentField.ORGANISATION)
        ),
        is_inferred=any(statement.source.value == "inferred" for statement in document.stated(DocumentField.TITLE)),
    )

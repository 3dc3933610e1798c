"""Two documents side by side: the passages that they share, and what a person says that the one is to the other."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import checked_id, current_hub
from app.i18n import gettext
from app.members.access_form import access_in_words
from app.members.uploading.alike_views import address_of
from app.people import person, signed_in_only
from app.site.hits import page_name, text_language
from app.site.links import link
from app.site.text import Line, paragraphs
from desk import alike
from desk.looking import actions, look
from desk.uploads import may_replace
from holdings import documents
from holdings.errors import ChangedMeanwhileError, UnknownIdError
from holdings.model import Document, Page
from holdings.relations import Relation
from holdings.workflow import Action
from indexer.hub import Hub
from indexer.model import Mark
from indexer.reading import read_page
from ingest.duplicates.passages import Spans, shared_passages


@dataclass(frozen=True, slots=True)
class Side:
    """One of two pages: of which document, and its text with the passages marked that the other has as well."""

    title: str
    address: str
    page: str
    language: str
    paragraphs: list[list[Line]]


@signed_in_only
def compared(document_id: str, other_id: str) -> ResponseReturnValue:
    """Show two documents side by side; take what the person says of them."""
    hub = current_hub()
    document = look(hub, person(), checked_id(document_id))
    other = _other(hub, checked_id(other_id))
    if request.method == "POST":
        return _settle(hub, document, other)
    found = next((one for one in alike.alike(hub, person(), document) if one.document.id == other.id), None)
    pairs = found.pages if found is not None and found.pages else ((1, 1),)
    at = min(max(request.args.get("pair", 1, int), 1), len(pairs))
    mine, theirs = (read_page(hub, one, page) for one, page in zip((document, other), pairs[at - 1], strict=True))
    shared = shared_passages(mine.text, theirs.text)
    return render_template(
        "members/uploading/compared.html",
        document=document,
        other=other,
        sides=(_side(document, mine, shared.mine), _side(other, theirs, shared.other)),
        found=found,
        at=at,
        pairs=len(pairs),
        has_shared=bool(shared.mine),
        may_edit=Action.EDIT in actions(person(), document),
        may_discard=Action.DISCARD in actions(person(), document),
        may_replace=may_replace(person(), other),
    )


def _other(hub: Hub, other_id: str) -> Document:
    """Return the other document. Raises UnknownIdError unless the person may know of it."""
    with hub.catalogue.read() as session:
        other = documents.get(session, other_id)
    if not alike.may_compare(person(), other):
        raise UnknownIdError(f"There is no document {other_id}")
    return other


def _settle(hub: Hub, document: Document, other: Document) -> ResponseReturnValue:
    back = link("compared", document_id=document.id, other_id=other.id)
    wanted, edition = request.form.get("relation", ""), request.form.get("edition", "")
    if wanted not in {choice.value for choice in alike.CHOICES}:
        flash(gettext("Choose one of those that are offered."), "wrong")
        return redirect(back)
    try:
        after = alike.settle(hub, person(), document.id, other.id, Relation(wanted), edition=edition)
    except ChangedMeanwhileError:
        flash(gettext("It was changed meanwhile: please look at it again, then decide."), "wrong")
        return redirect(back)
    flash(gettext("Your decision was recorded."), "done")
    if after.access != document.access:
        flash(
            gettext(
                "Once published it can be read as the former version can, by: %(who)s. You can choose otherwise below."
            )
            % {"who": access_in_words(hub, after.access)},
            "done",
        )
    return redirect(link("draft", document_id=document.id, _anchor="alike"))


def _side(document: Document, page: Page, spans: Spans) -> Side:
    return Side(
        title=document.title,
        address=address_of(document),
        page=page_name(page.unit, page.number),
        language=text_language(document.language),
        paragraphs=paragraphs(page, [Mark(start, end) for start, end in spans]),
    )

"""The page of a draft: what the hub understood, checked and corrected; what it is like; and its submission."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import checked_id, current_hub
from app.i18n import current_language, gettext
from app.members.access_form import access_in_words
from app.members.uploading.alike_views import alike_views
from app.members.uploading.draft_form import BESIDE, NAMES, DraftForm, shown_values
from app.members.uploading.evidence import bases
from app.members.uploading.words import field_words, judgement_words, name_words, readers_sentence
from app.members.wording import organisation_name
from app.people import person, signed_in_only
from app.site.hits import page_name, text_language
from app.site.links import link
from app.site.text import paragraphs
from desk import alike, drafts, reviewing
from desk.looking import actions, look
from holdings import personal_data, reviews
from holdings.errors import ChangedMeanwhileError, NotAllowedError, UndecidedError
from holdings.model import Document
from holdings.personal_data import Judgement
from holdings.states import State
from holdings.workflow import Action
from indexer.model import Mark
from indexer.reading import read_page

_MOST_PLACES = 50


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody else changed of a field while the form was open."""

    field: str
    before: str
    after: str


@signed_in_only
def draft(document_id: str) -> ResponseReturnValue:
    document = look(current_hub(), person(), checked_id(document_id))
    if request.method == "GET":
        return _page(document, _filled(document))
    form, submits = _sent(document), request.form.get("then") == "submit"
    saved = _save(document, form, form.mark_missing if submits else list)
    if not isinstance(saved, Document):
        return saved
    if submits:
        return _submit(saved, form)
    flash(gettext("Saved."), "done")
    return _go_on(saved, form)


@signed_in_only
def discard(document_id: str) -> ResponseReturnValue:
    identifier = checked_id(document_id)
    try:
        reviewing.take(current_hub(), person(), identifier, Action.DISCARD, edition=request.form.get("edition", ""))
    except ChangedMeanwhileError:
        return _look_again(identifier)
    flash(gettext("The draft was discarded."), "done")
    return redirect(link("work"))


@signed_in_only
def decide(document_id: str) -> ResponseReturnValue:
    """Save what the form holds, and record what the person decides of what looks like personal data."""
    document = look(current_hub(), person(), checked_id(document_id))
    form = _sent(document)
    if "was" not in request.form:
        # The decision alone was sent, without the fields of the draft: they stay as they are.
        if form.edition.data != document.edition:
            return _look_again(document.id)
        form.fill()
    saved = _save(document, form, form.mark_undecided)
    if not isinstance(saved, Document):
        return saved
    judgement, note = Judgement(form.judgement.data), form.note.data or ""
    try:
        drafts.decide(current_hub(), person(), saved.id, edition=saved.edition, judgement=judgement, note=note)
    except ChangedMeanwhileError:
        return _look_again(saved.id)
    form.judgement.data = form.note.data = None
    flash(gettext("Saved, and your decision was recorded."), "done")
    return _go_on(saved, form, anchor="personal-data")


@signed_in_only
def page(document_id: str, number: int) -> ResponseReturnValue:
    """Show a page of the text of what is at the desk, with the words marked that the hub has read something from."""
    hub = current_hub()
    document = look(hub, person(), checked_id(document_id))
    shown = read_page(hub, document, number)
    return render_template(
        "members/uploading/page.html",
        document=document,
        page=shown,
        page_title=page_name(shown.unit, shown.number),
        paragraphs=paragraphs(shown, _marks(shown.text, request.args.get("words", ""))),
        text_language=text_language(document.language),
    )


def _marks(text: str, words: str) -> list[Mark]:
    """Return where the words of an evidence stand, however the lines of the page part them."""
    folded, wanted = " ".join(text.split()), " ".join(words.split()).strip("… ")
    if not wanted or wanted.casefold() not in folded.casefold():
        return []
    pattern = r"\s+".join(re.escape(word) for word in wanted.split())
    return [Mark(match.start(), match.end()) for match in re.finditer(pattern, text, re.IGNORECASE)]


def _filled(document: Document) -> DraftForm:
    form = DraftForm(None)
    form.offer_fields(current_hub(), person(), document)
    form.fill()
    return form


def _sent(document: Document) -> DraftForm:
    """Return the form as it was sent. Raises NotAllowedError where the document is not the person's to edit."""
    if Action.EDIT not in actions(person(), document):
        raise NotAllowedError("It is not theirs to edit in this state")
    form = DraftForm()
    form.offer_fields(current_hub(), person(), document)
    return form


def _save(document: Document, form: DraftForm, mark: Callable[[], list[str]]) -> Document | Response:
    """Save a draft and return it, or what is answered where that cannot be. `mark` marks what else stops the step."""
    if form.edition.data != document.edition and (changed := form.changed_meanwhile()):
        return _conflict(document, form, changed)
    form.validate()
    lacking = mark()
    if form.errors:
        _tell_wrong(form, lacking)
        return make_response(_page(document, form), HTTPStatus.BAD_REQUEST)
    hub = current_hub()
    access = form.chosen() if "readers" in form else document.access
    try:
        return drafts.save(hub, person(), document.id, edition=document.edition, stated=form.touched(), access=access)
    except ChangedMeanwhileError:
        # Between the look and the save: what it is now tells what was changed.
        document = look(hub, person(), document.id)
        form.offer_fields(hub, person(), document)
        return _conflict(document, form, form.changed_meanwhile())


def _tell_wrong(form: DraftForm, lacking: list[str]) -> None:
    """Name at the top of the page what is wrong in the form, and what is `lacking` for the submission."""
    if lacking:
        fields = ", ".join(field_words(name) for name in lacking)
        flash(gettext("Not submitted. Still missing: %(fields)s.") % {"fields": fields}, "wrong")
    if wrong := [name for name in form.errors if name not in lacking]:
        fields = ", ".join(field_words(name) for name in wrong)
        flash(gettext("Nothing was saved yet. Please correct: %(fields)s.") % {"fields": fields}, "wrong")


def _go_on(document: Document, form: DraftForm, anchor: str | None = None) -> ResponseReturnValue:
    """Lead back to a draft that was saved. What was entered beside it, for a step to come, still stands there."""
    beside = {name: form[name].data for name in BESIDE if form[name].data}
    if not beside:
        return redirect(link("draft", document_id=document.id, _anchor=anchor))
    form = _filled(document)
    for name, entered in beside.items():
        form[name].data = entered
    return _page(document, form)


def _submit(document: Document, form: DraftForm) -> ResponseReturnValue:
    try:
        drafts.submit(current_hub(), person(), document.id, edition=document.edition, comment=form.comment.data or "")
    except UndecidedError:
        flash(gettext("Saved, but not submitted: please decide first of what looks like personal data."), "wrong")
        return _go_on(document, form, anchor="personal-data")
    except ChangedMeanwhileError:
        return _look_again(document.id)
    flash(gettext("Submitted. The editors have been told, and you will hear of it."), "done")
    return redirect(link("work"))


def _look_again(document_id: str) -> ResponseReturnValue:
    """Lead back to the page, which shows what somebody else has changed: nothing that was entered is lost by it."""
    flash(gettext("It was changed meanwhile: please look at it again, then decide."), "wrong")
    return redirect(link("draft", document_id=document_id))


def _conflict(document: Document, form: DraftForm, changed: list[str]) -> Response:
    """Show what somebody else changed. What the person entered stays; what they left alone shows what it is now."""
    now = shown_values(current_hub(), document)
    now["access"] = [access_in_words(current_hub(), document.access)]
    changes = []
    for name in changed:
        before = form.was_shown(name)
        changes.append(
            Change(field_words(name), ", ".join(before[:1] if name == "access" else before), ", ".join(now[name]))
        )
        if name in NAMES.values() and form.entered(name) == before:
            form.take_over(name)
    form.bind()
    return make_response(_page(document, form, changes=changes), HTTPStatus.CONFLICT)


def _page(document: Document, form: DraftForm, *, changes: list[Change] | None = None) -> str:
    hub, account = current_hub(), person()
    with hub.catalogue.read() as session:
        decision = personal_data.decision(session, document)
        returned = reviews.last(session, document.id, Action.RETURN)
    places = drafts.masked_places(hub, document)
    keeper = document.access.keeper
    possible = actions(account, document)
    return render_template(
        "members/uploading/draft.html",
        document=document,
        form=form,
        bases=bases(hub, document),
        changes=changes or [],
        file_names=[name_words(name) for file in document.files for name in file.names],
        own=organisation_name(keeper.removeprefix("org:")) if keeper is not None else None,
        zone=hub.settings.app.time_zone,
        licence_hints={i: term.scope(current_language()) for i, term in hub.vocabularies.licences.items()},
        returned=returned.comment if returned is not None and document.state is State.RETURNED else None,
        field_words=field_words,
        sentence=readers_sentence(hub, document.access),
        may_edit=Action.EDIT in possible,
        may_submit=Action.SUBMIT in possible,
        may_discard=Action.DISCARD in possible,
        alike=alike_views(hub, account, document),
        announced=alike.announced(hub, account, document),
        is_compared=alike.is_compared(hub, document),
        places=places[:_MOST_PLACES],
        more_places=len(places) - _MOST_PLACES,
        asks=any(not place.is_of_office for place in places),
        decision=decision,
        judgements=judgement_words(),
        text_language=text_language(document.language),
    )

"""A document at the desk: what it is, what speaks for a closer look, what was done with it, and the next step."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from app.forms import HubForm
from app.hub import checked_id, current_hub
from app.i18n import current_language, gettext
from app.members.access_form import access_in_words
from app.members.reviewing.previewing import readers_of
from app.members.reviewing.words import done_words, meanwhile_words
from app.members.wording import organisation_name
from app.people import person, signed_in_only
from app.site.links import link
from app.site.originals import file_views
from app.site.reading import relation_views
from desk.looking import actions, look, may_look
from desk.purging import is_destroyed
from desk.review_lists import history
from desk.reviewing import NEED_COMMENT, take
from holdings import accounts, personal_data, purges, reviews
from holdings.errors import ChangedMeanwhileError, UnknownIdError
from holdings.model import Document, DocumentField
from holdings.states import State
from holdings.workflow import Action
from indexer.facets import facet_label
from indexer.model import Facet
from indexer.related import related

# Steps that a button of the page takes. The others have pages of their own, a draft has that of its contributor.
_BUTTONS = frozenset({Action.PUBLISH, Action.RETURN, Action.COMMENT, Action.RECALL, Action.REINSTATE})


class DecisionForm(HubForm):
    """The next step with a document, as somebody decides it who saw this edition of it."""

    edition = HiddenField(validators=[Length(max=40)])
    action = StringField(validators=[Length(max=20)])
    comment = TextAreaField(validators=[Length(max=5000)])


@signed_in_only
def document(document_id: str) -> ResponseReturnValue:
    """Show a document to whom it concerns, and take the step that they decide."""
    hub, form = current_hub(), DecisionForm()
    if not form.validate_on_submit():
        return _page(look(hub, person(), checked_id(document_id)), form)
    action = Action(form.action.data) if form.action.data in _BUTTONS else None
    if action is None or (action in NEED_COMMENT and not (form.comment.data or "").strip()):
        form.comment.errors = [gettext("Say in a few words what the others need to know.")]
        return _page(look(hub, person(), checked_id(document_id)), form)
    try:
        done = take(
            hub,
            person(),
            checked_id(document_id),
            action,
            edition=form.edition.data or "",
            comment=form.comment.data or "",
        )
    except ChangedMeanwhileError:
        return changed_meanwhile(document_id, form.edition.data or "")
    flash(_done(action), "done")
    may_still_look = may_look(person(), done)
    return redirect(link("review_document", document_id=document_id) if may_still_look else link("review"))


def changed_meanwhile(document_id: str, edition: str) -> ResponseReturnValue:
    """Say what somebody else did meanwhile, on the page of the document, or of the queue where that is gone."""
    flash(meanwhile_words(document_id, edition), "wrong")
    try:
        look(current_hub(), person(), document_id)
    except UnknownIdError:
        return redirect(link("review"))
    return redirect(link("review_document", document_id=document_id))


def _done(action: Action) -> str:
    return {
        Action.PUBLISH: gettext("It is published. Searches find it in a moment."),
        Action.RETURN: gettext("It is returned, with your comment."),
        Action.COMMENT: gettext("Your comment is saved."),
        Action.RECALL: gettext("You have taken it back: it is a draft again."),
        Action.REINSTATE: gettext("It is published again."),
    }[action]


def _page(found: Document, form: DecisionForm) -> str:
    form.edition.data = form.edition.data or found.edition
    return render_template("members/reviewing/document.html", form=form, **desk_facts(found))


def desk_facts(found: Document) -> dict[str, Any]:
    """Return what the pages of a document at the desk need."""
    hub, account, language = current_hub(), person(), current_language()
    with hub.catalogue.read() as session:
        places = personal_data.places(session, found)
        decision = personal_data.decision(session, found)
        contributor = accounts.get_many(session, [found.contributor_id] if found.contributor_id else [])
        withdrawal = reviews.withdrawal(session, found.id) if found.state is State.WITHDRAWN else None
        removed = purges.of_document(session, found.id)
    others = related(hub, found.id, account.viewer)
    return {
        "document": found,
        "may": actions(account, found),
        "space": organisation_name((found.access.keeper or "").removeprefix("org:") or None),
        "contributor": next(iter(contributor.values()), None),
        "kind": facet_label(hub, Facet.KIND, found.value(DocumentField.KIND) or "", language),
        "issuers": [
            facet_label(hub, Facet.ORGANISATION, o, language) for o in found.values(DocumentField.ORGANISATION)
        ],
        "readers": access_in_words(hub, found.access),
        "places": places,
        "decision": decision,
        "relations": relation_views(hub, found, others, language),
        "files": file_views(hub, found, _to_desk),
        "previews": readers_of(found),
        "happenings": [(happening, done_words(happening)) for happening in history(hub, found.id)],
        "withdrawal": withdrawal,
        "removed": removed,
        "is_destroyed": is_destroyed(hub, found),
    }


def _to_desk(_endpoint: str, **values: Any) -> str:
    return link("review_file", **values)

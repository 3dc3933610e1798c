"""What is done with a published or withdrawn document, each on a page of its own: access, withdrawal, purging."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.forms import HubForm
from app.hub import checked_id, current_hub
from app.i18n import gettext
from app.members.access_form import AccessForm
from app.members.reviewing.deciding import changed_meanwhile, desk_facts
from app.people import only_for, person, signed_in_only
from app.site.links import link
from desk import purging
from desk.looking import look, require
from desk.purging import PurgeOrder
from desk.reviewing import change_access, take
from holdings.accounts import HubRole
from holdings.errors import ChangedMeanwhileError, StillUsedError
from holdings.model import Document
from holdings.reasons import OF_PURGES, Reason
from holdings.reviews import Withdrawal
from holdings.workflow import Action

_WORDS = [Length(max=5000)]


class ChangedAccessForm(AccessForm):
    """Who may read what is published, from when, and a word about the change for the people of the desk."""

    edition = HiddenField(validators=[Length(max=40)])
    comment = TextAreaField(validators=_WORDS)


class WithdrawalForm(HubForm):
    """Why a document is withdrawn: for its readers, and for the people of the desk."""

    edition = HiddenField(validators=[Length(max=40)])
    reason = RadioField(choices=[SelectChoice(r.value) for r in Reason], validators=[InputRequired()])
    note = TextAreaField(validators=_WORDS)
    hides_title = BooleanField()
    comment = TextAreaField(validators=_WORDS)


class PurgeForm(HubForm):
    """Why the originals of a document are destroyed, and that it is meant."""

    edition = HiddenField(validators=[Length(max=40)])
    reason = RadioField(choices=[SelectChoice(r.value) for r in OF_PURGES], validators=[InputRequired()])
    note = TextAreaField(validators=[Optional(), *_WORDS])
    with_text = BooleanField()
    is_meant = BooleanField(validators=[InputRequired()])


def _opened(document_id: str, action: Action) -> Document:
    """Return a document for a page on which the present person may take an action on it.

    Whether what is sent from there may still be done is decided with the edition that was seen: somebody else may have
    been faster, and is then told of.
    """
    found = look(current_hub(), person(), checked_id(document_id))
    if request.method == "GET":
        require(person(), found, action)
    return found


@signed_in_only
def access(document_id: str) -> ResponseReturnValue:
    """Change who may read a published document, and from when."""
    hub, found, form = current_hub(), _opened(document_id, Action.CHANGE_ACCESS), ChangedAccessForm()
    form.offer(hub, found.access)
    if form.validate_on_submit():
        try:
            change_access(
                hub, person(), found.id, form.chosen(), edition=form.edition.data or "", comment=form.comment.data or ""
            )
        except ChangedMeanwhileError:
            return changed_meanwhile(found.id, form.edition.data or "")
        flash(gettext("Who may read it is changed, and holds from now on."), "done")
        return redirect(link("review_document", document_id=found.id))
    if not form.is_submitted():
        form.show()
        form.edition.data = found.edition
    return render_template(
        "members/reviewing/access.html", form=form, zone=hub.settings.app.time_zone, **desk_facts(found)
    )


@signed_in_only
def withdraw(document_id: str) -> ResponseReturnValue:
    """Withdraw a published document, with the reason that its readers will see."""
    found, form = _opened(document_id, Action.WITHDRAW), WithdrawalForm()
    if form.validate_on_submit():
        said = Withdrawal(Reason(form.reason.data), (form.note.data or "").strip(), form.hides_title.data)
        try:
            take(
                current_hub(),
                person(),
                found.id,
                Action.WITHDRAW,
                edition=form.edition.data or "",
                comment=form.comment.data or "",
                withdrawal=said,
            )
        except ChangedMeanwhileError:
            return changed_meanwhile(found.id, form.edition.data or "")
        flash(gettext("It is withdrawn: nobody finds, reads or downloads it any more."), "done")
        return redirect(link("review_document", document_id=found.id))
    form.edition.data = form.edition.data or found.edition
    return render_template("members/reviewing/withdraw.html", form=form, **desk_facts(found))


@signed_in_only
def purge(document_id: str) -> ResponseReturnValue:
    """Destroy the originals of a withdrawn document."""
    found, form = _opened(document_id, Action.PURGE), PurgeForm()
    problem = ""
    if form.validate_on_submit():
        order = PurgeOrder(Reason(form.reason.data), (form.note.data or "").strip(), form.with_text.data)
        try:
            purging.purge(current_hub(), person(), found.id, order, edition=form.edition.data or "")
        except ChangedMeanwhileError:
            return changed_meanwhile(found.id, form.edition.data or "")
        except StillUsedError:
            problem = gettext(
                "Nothing was destroyed: documents that are not withdrawn have the same file or the same text. Withdraw "
                "them first."
            )
        else:
            flash(gettext("The original is destroyed."), "done")
            return redirect(link("review_document", document_id=found.id))
    if not form.is_submitted():
        form.edition.data, form.with_text.data = found.edition, True
    return render_template("members/reviewing/purge.html", form=form, problem=problem, **desk_facts(found))


@only_for(HubRole.ADMINISTRATOR)
def allow_again(document_id: str) -> ResponseReturnValue:
    """Allow a file that was destroyed to come in again."""
    found = _opened(document_id, Action.LOOK)
    purging.allow_again(current_hub(), person(), request.form.get("sha256", "")[:64])
    flash(gettext("The file may come in again."), "done")
    return redirect(link("review_document", document_id=found.id))

"""Reports that ask for a document to be taken down: the form for anybody, and what the desk does about them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.forms import HubForm
from app.hub import checked_id, current_hub, current_viewer, find_document
from app.i18n import current_language, gettext
from app.people import current_account, person, signed_in_only
from app.site.hits import text_language
from app.site.links import link
from desk import takedowns
from desk.accounts import checked_email
from desk.looking import may_look
from desk.takedowns import Complaint, Decision
from holdings import documents
from holdings import takedowns as recorded
from holdings.errors import ChangedMeanwhileError, StillUsedError, UnknownIdError, UsageError
from holdings.reasons import OF_REPORTS, Reason
from holdings.reviews import Withdrawal

_PAGE = 25


class ReportForm(HubForm):
    """What somebody says who asks for a document to be taken down. Only programs fill in `website`."""

    reason = RadioField(choices=[SelectChoice(r.value) for r in OF_REPORTS], validators=[InputRequired()])
    text = TextAreaField(validators=[InputRequired(), Length(min=10, max=5000)])
    name = StringField(validators=[Optional(), Length(max=200)])
    email = StringField(validators=[Optional(), Length(max=320)])
    website = StringField(validators=[Length(max=200)])

    def validate_email(self, field: StringField) -> None:
        try:
            checked_email(field.data or "")
        except UsageError as error:
            raise ValidationError(gettext("This is not an e-mail address.")) from error


class HandlingForm(HubForm):
    """What is decided of a report, and the answer to who made it."""

    edition = HiddenField(validators=[Length(max=40)])
    decision = RadioField(choices=[SelectChoice(d.value) for d in Decision], validators=[InputRequired()])
    reason = RadioField(choices=[SelectChoice(r.value) for r in Reason], validators=[Optional()])
    note = TextAreaField(validators=[Length(max=5000)])
    answer = TextAreaField(validators=[InputRequired(), Length(max=5000)])


def make_report(document_id: str) -> ResponseReturnValue:
    """Let anybody who may read a document report it, signed in or not."""
    found, form = find_document(document_id), ReportForm()
    if form.validate_on_submit():
        if not form.website.data:
            complaint = Complaint(
                Reason(form.reason.data),
                form.text.data,
                form.name.data or "",
                form.email.data or "",
                current_language(),
            )
            takedowns.report(current_hub(), current_account(), current_viewer(), found.id, complaint)
        # Whoever filled in what nobody sees is not told that it was noticed.
        flash(gettext("Thank you. Your report has reached the people who decide of it."), "done")
        return redirect(link("report", document_id=found.id, sent="1"))
    return render_template(
        "members/reviewing/report.html",
        form=form,
        document=found,
        text_language=text_language(found.language),
        is_sent="sent" in request.args,
    )


@signed_in_only
def reports() -> str:
    """List the reports that somebody decides of."""
    hub, account = current_hub(), person()
    if not takedowns.decides(account):
        raise UnknownIdError("There is no such page")
    is_open = request.args.get("show") != "closed"
    page = min(max(request.args.get("page", 1, type=int) or 1, 1), 100_000)
    with hub.catalogue.read() as session:
        spaces = takedowns.spaces_of(account)
        listed = recorded.listed(session, spaces, is_open=is_open, limit=_PAGE, offset=(page - 1) * _PAGE)
        total = recorded.count(session, spaces, is_open=is_open)
        titles = {d.id: d.title for d in documents.get_many(session, [report.document_id for report in listed])}
    return render_template(
        "members/reviewing/reports.html",
        reports=listed,
        titles=titles,
        total=total,
        page=page,
        pages=-(-total // _PAGE),
        is_open=is_open,
    )


@signed_in_only
def report(report_id: str) -> ResponseReturnValue:
    """Show a report to those who decide of it, and do what they decide."""
    hub, account, form = current_hub(), person(), HandlingForm()
    found, document = takedowns.look_at(hub, account, checked_id(report_id))
    possible = takedowns.possible(account, document)
    problem = ""
    if form.validate_on_submit():
        try:
            takedowns.decide(
                hub,
                account,
                found.id,
                Decision(form.decision.data),
                form.answer.data,
                edition=form.edition.data or "",
                withdrawal=Withdrawal(Reason(form.reason.data or found.reason.value), (form.note.data or "").strip()),
            )
        except ChangedMeanwhileError:
            flash(
                gettext("Nothing of yours was saved: somebody else dealt with the report, or changed the document."),
                "wrong",
            )
            return redirect(link("review_report", report_id=found.id))
        except StillUsedError:
            problem = gettext(
                "Nothing was decided: documents that are not withdrawn have the same file or the same text. Withdraw "
                "them first."
            )
        else:
            flash(gettext("The report is dealt with."), "done")
            return redirect(link("review_reports"))
    if not form.is_submitted():
        form.edition.data, form.reason.data = document.edition, found.reason.value
    return render_template(
        "members/reviewing/report-decision.html",
        form=form,
        report=found,
        document=document,
        possible=possible,
        problem=problem,
        may_look=may_look(account, document),
    )

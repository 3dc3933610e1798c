"""Letters that did not go: why, sending them again, and giving them up."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import gettext
from app.members.administration.mail_words import error_words
from app.people import only_for, person
from app.site.links import link
from desk import outbox, sending
from holdings import mails
from holdings.accounts import HubRole
from holdings.mails import MailState

_A_PAGE = 50
_SHOWN = (MailState.FAILED, MailState.UNKNOWN, MailState.WAITING)


def add_routes(site: Blueprint) -> None:
    """Add the page of mail to the site."""
    site.add_url_rule("/administration/mail", "administered_mail", listed)
    site.add_url_rule("/administration/mail/<mail_id>/again", "send_mail_again", send_again, methods=["POST"])
    site.add_url_rule("/administration/mail/<mail_id>/give-up", "give_up_mail", give_up, methods=["POST"])


@only_for(HubRole.ADMINISTRATOR)
def listed() -> str:
    """Show letters that failed, of which nobody knows whether they went, or that wait."""
    hub = current_hub()
    state = next((one for one in _SHOWN if one.value == request.args.get("state")), MailState.FAILED)
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    with hub.catalogue.read() as session:
        counts = mails.counts(session)
        letters = mails.listed(session, state, limit=_A_PAGE, offset=(page - 1) * _A_PAGE)
    return render_template(
        "members/administration/mail.html",
        tab="administered_mail",
        is_configured=sending.is_configured(hub),
        shown=[(one.value, counts[one]) for one in _SHOWN],
        state=state.value,
        letters=letters,
        error_words=error_words,
        page=page,
        is_last=page * _A_PAGE >= counts[state],
    )


@only_for(HubRole.ADMINISTRATOR)
def send_again(mail_id: str) -> ResponseReturnValue:
    """Make a letter due once more."""
    outbox.send_again(current_hub(), person(), mail_id)
    flash(gettext("The letter is sent with the next ones."), "done")
    return redirect(link("administered_mail", state=request.form.get("state", "")))


@only_for(HubRole.ADMINISTRATOR)
def give_up(mail_id: str) -> ResponseReturnValue:
    """Give a letter up, for a reason that stays with it."""
    reason = request.form.get("reason", "").strip()[:200]
    if not reason:
        flash(gettext("Say why the letter is given up."), "wrong")
    else:
        outbox.give_up(current_hub(), person(), mail_id, reason)
        flash(gettext("The letter is given up, and its text is gone."), "done")
    return redirect(link("administered_mail", state=request.form.get("state", "")))

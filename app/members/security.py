"""The page on which people look after how they sign in: password, second factor, signed-in browsers."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import checked_id, current_hub
from app.i18n import gettext
from app.members import providers
from app.members.account import this_session
from app.members.account_forms import ChangePasswordForm, ConfirmForm
from app.members.second_factor_pages import shown_once
from app.members.signing_in import tell_wrong_password
from app.members.wording import browser_words
from app.people import person, signed_in_only
from app.site.links import link
from desk import own_account, signing_in
from holdings import identities, second_factor, sessions
from holdings.errors import WeakPasswordError, WrongCredentialError

_MOST_CODES = 20
_Form = TypeVar("_Form", bound=ConfirmForm)


def add_routes(site: Blueprint) -> None:
    """Add the page of security and what its forms do."""
    site.add_url_rule("/account/security", "account_security", security)
    site.add_url_rule("/account/security/password", "account_password", change_password, methods=["POST"])
    site.add_url_rule("/account/security/second-factor", "account_second_factor", second_factor_off, methods=["POST"])
    site.add_url_rule("/account/security/recovery-codes", "recovery_codes", new_codes, methods=["POST"])
    site.add_url_rule("/account/security/recovery-codes.txt", "recovery_codes_file", codes_file, methods=["POST"])
    site.add_url_rule("/account/security/sessions/<session_id>/end", "end_session", end_session, methods=["POST"])
    site.add_url_rule("/account/security/sessions/end", "end_sessions", end_sessions, methods=["POST"])


@signed_in_only
def security() -> ResponseReturnValue:
    """Show how the person signs in, and where they are signed in."""
    return _page()


@signed_in_only
def change_password() -> ResponseReturnValue:
    """Keep a new password."""
    form = _confirmed(ChangePasswordForm())
    if form.validate_on_submit() and _is_confirmed(form):
        try:
            own_account.change_password(current_hub(), this_session(), form.password.data)
        except WeakPasswordError as error:
            form.refuse(error.weakness)
        else:
            flash(gettext("Your password is changed. All other browsers are signed out."), "done")
            return redirect(link("account_security"))
    return _page(password=form)


@signed_in_only
def second_factor_off() -> ResponseReturnValue:
    """Take the second factor away, to set up another or to do without."""
    form = _confirmed(ConfirmForm(prefix="off-"))
    if form.validate_on_submit() and _is_confirmed(form):
        own_account.remove_second_factor(current_hub(), person())
        flash(gettext("The second factor is switched off."), "done")
        return redirect(link("second_factor_setup" if person().needs_second_factor else "account_security"))
    return _page(off=form)


@signed_in_only
def new_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them, once."""
    form = _confirmed(ConfirmForm(prefix="codes-"))
    if form.validate_on_submit() and person().has_second_factor and _is_confirmed(form):
        codes = own_account.new_recovery_codes(current_hub(), person())
        return shown_once("members/recovery-codes.html", codes=codes, then=link("account_security"), set_up=False)
    return _page(codes=form)


@signed_in_only
def codes_file() -> ResponseReturnValue:
    """Give recovery codes that the page has just shown back as a file. Other words are not echoed."""
    codes = request.form.getlist("code")[:_MOST_CODES]
    with current_hub().catalogue.read() as session:
        if not second_factor.are_recovery_codes(session, person().id, codes):
            return redirect(link("account_security"))
    response = Response("\n".join(codes) + "\n", mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="ikhub-recovery-codes.txt"'
    response.headers["Cache-Control"] = "no-store"
    return response


@signed_in_only
def end_session(session_id: str) -> ResponseReturnValue:
    """End one of the person's sessions."""
    own_account.end_session(current_hub(), person(), checked_id(session_id))
    flash(gettext("That browser is signed out."), "done")
    return redirect(link("account_security"))


@signed_in_only
def end_sessions() -> ResponseReturnValue:
    """End all of the person's sessions but this one."""
    own_account.end_other_sessions(current_hub(), this_session())
    flash(gettext("All other browsers are signed out."), "done")
    return redirect(link("account_security"))


def _confirmed(form: _Form) -> _Form:
    if not person().has_password:
        del form.present
    return form


def _is_confirmed(form: ConfirmForm) -> bool:
    try:
        signing_in.confirm(current_hub(), this_session(), form.present.data if form.present else "")
    except WrongCredentialError as error:
        tell_wrong_password(form, error)
        return False
    return True


def _page(
    *, password: ChangePasswordForm | None = None, off: ConfirmForm | None = None, codes: ConfirmForm | None = None
) -> ResponseReturnValue:
    """Return the page, with the form that could not be accepted as it was sent."""
    with current_hub().catalogue.read() as session:
        browsers = sessions.of(session, person().id)
        left = second_factor.recovery_codes_left(session, person().id)
        issuers = identities.issuers(session, person().id)
    return render_template(
        "members/security.html",
        password=password or _confirmed(ChangePasswordForm(formdata=None)),
        off=off or _confirmed(ConfirmForm(formdata=None, prefix="off-")),
        codes=codes or _confirmed(ConfirmForm(formdata=None, prefix="codes-")),
        browsers=browsers,
        browser_words=browser_words,
        here=this_session().id,
        codes_left=left,
        providers=[providers.name_of(issuer) for issuer in issuers],
    )

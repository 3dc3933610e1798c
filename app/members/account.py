"""The page of a person's own account: name, language, address, and what they are in the hub."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import gettext
from app.members.account_forms import EmailChangeForm, ProfileForm
from app.members.signing_in import spent, tell_wrong_password
from app.members.wording import organisation_name, role_words
from app.people import current_session, person, signed_in_only
from app.site.links import link
from desk import own_account, signing_in
from holdings.errors import LinkSpentError, UsageError, WrongCredentialError
from holdings.sessions import SignedIn


def add_routes(site: Blueprint) -> None:
    """Add the page of the account, and that on which a new address is confirmed."""
    site.add_url_rule("/account", "account", account, methods=["GET", "POST"])
    site.add_url_rule("/account/email", "account_email", change_email, methods=["POST"])
    site.add_url_rule("/account/email/<token>", "confirm_email", confirm_email, methods=["GET", "POST"])


def this_session() -> SignedIn:
    """Return the session of the browser that asks, in a view behind `signed_in_only`."""
    signed_in = current_session()
    assert signed_in is not None, "the view is not behind `signed_in_only`"
    return signed_in


@signed_in_only
def account() -> ResponseReturnValue:
    """Show the account, and keep a changed name or language."""
    form = ProfileForm(obj=person())
    if form.validate_on_submit():
        own_account.change_profile(current_hub(), person(), name=form.name.data, language=form.language.data)
        flash(gettext("Your changes are saved."), "done")
        return redirect(link("account"))
    return _page(form, _email_form())


@signed_in_only
def change_email() -> ResponseReturnValue:
    """Write to the new address that a person gives."""
    hub, signed_in, form = current_hub(), this_session(), _email_form()
    if form.validate_on_submit():
        try:
            signing_in.confirm(hub, signed_in, form.present.data if form.present else "")
        except WrongCredentialError as error:
            tell_wrong_password(form, error)
        else:
            own_account.begin_email_change(hub, person(), form.email.data)
            flash(gettext("A letter is on its way to the new address. Open it, and confirm the change there."), "done")
            return redirect(link("account"))
    return _page(ProfileForm(formdata=None, obj=person()), form)


@signed_in_only
def confirm_email(token: str) -> ResponseReturnValue:
    """Ask the reader of the letter to confirm the new address: a program that follows links changes nothing."""
    if request.method == "GET":
        return render_template("members/confirm-email.html", token=token)
    try:
        own_account.confirm_email_change(current_hub(), person(), token)
    except (LinkSpentError, UsageError):
        return spent("email")
    flash(gettext("Your new address is confirmed. Sign in with it from now on."), "done")
    return redirect(link("account"))


def _email_form() -> EmailChangeForm:
    form = EmailChangeForm()
    if not person().has_password:
        del form.present
    return form


def _page(profile: ProfileForm, email: EmailChangeForm) -> ResponseReturnValue:
    roles = [(organisation_name(organisation_id), role_words(role)) for organisation_id, role in person().roles.items()]
    hub_role = person().hub_role
    return render_template(
        "members/account.html",
        profile=profile,
        email=email,
        roles=sorted(roles),
        hub_role=role_words(hub_role) if hub_role else None,
    )

"""The pages on which people sign in and out, give and set up a second factor, and choose a new password.

They are for people who are not signed in, or not completely: none is behind `signed_in_only`.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, session
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import current_language, gettext
from app.members import providers
from app.members.account_forms import CodeForm, ConfirmForm, ForgottenForm, NewPasswordForm, SetupForm, SignInForm
from app.members.entering import enter, this_browser, wanted_path
from app.members.second_factor_pages import qr_code, shown_once
from app.people import clear_cookie, current_session, set_cookie
from app.site.links import link
from desk import letters, own_account, signing_in
from holdings import second_factor
from holdings.errors import WeakPasswordError, WrongCredentialError


def add_routes(site: Blueprint) -> None:
    """Add the pages of signing in."""
    site.add_url_rule("/sign-in", "sign_in", sign_in, methods=["GET", "POST"])
    site.add_url_rule("/sign-out", "sign_out", sign_out, methods=["POST"])
    site.add_url_rule("/second-factor", "second_factor", give_code, methods=["GET", "POST"])
    site.add_url_rule("/second-factor/set-up", "second_factor_setup", set_up, methods=["GET", "POST"])
    site.add_url_rule("/forgotten", "forgotten", forgotten, methods=["GET", "POST"])
    site.add_url_rule("/reset/<token>", "reset", reset, methods=["GET", "POST"])


def sign_in() -> ResponseReturnValue:
    """Ask for address and password."""
    then = wanted_path()
    signed_in = current_session()
    if signed_in is not None:
        return redirect((then or link("home")) if signed_in.is_complete else link("second_factor", then=then))
    form = SignInForm()
    refused = False
    if form.validate_on_submit():
        begun = signing_in.sign_in(current_hub(), form.email.data, form.password.data, this_browser())
        if begun is not None:
            return enter(begun, then)
        refused = True
    return render_template("members/sign-in.html", form=form, then=then, refused=refused, provider=providers.name())


def sign_out() -> ResponseReturnValue:
    """End the session of the browser that asks."""
    signed_in = current_session()
    if signed_in is not None:
        signing_in.sign_out(current_hub(), signed_in)
    session.clear()
    response = redirect(link("home"))
    clear_cookie(response)
    return response


def give_code() -> ResponseReturnValue:
    """Ask for a code of the second factor."""
    then, signed_in = wanted_path(), current_session()
    if signed_in is None:
        return redirect(link("sign_in", then=then))
    if signed_in.is_complete:
        return redirect(then or link("home"))
    if not signed_in.account.has_second_factor:
        return redirect(link("second_factor_setup", then=then))
    form = CodeForm()
    refused = False
    if form.validate_on_submit():
        token = signing_in.give_code(current_hub(), signed_in, form.code.data)
        if token is not None:
            response = redirect(then or link("home"))
            set_cookie(response, token)
            return response
        refused = True
    return render_template("members/second-factor.html", form=form, then=then, refused=refused)


def set_up() -> ResponseReturnValue:
    """Set up the second factor: before anything else where the role requires one, else after the password."""
    then, signed_in = wanted_path(), current_session()
    if signed_in is None:
        return redirect(link("sign_in", then=then))
    account, hub = signed_in.account, current_hub()
    if account.has_second_factor:
        return redirect(link("account_security") if signed_in.is_complete else link("second_factor", then=then))
    form = SetupForm()
    if not (signed_in.is_complete and account.has_password):
        del form.present
    if form.validate_on_submit():
        try:
            if signed_in.is_complete:
                signing_in.confirm(hub, signed_in, form.present.data if form.present else "")
            done = own_account.set_second_factor(hub, signed_in, form.code.data)
        except WrongCredentialError as error:
            tell_wrong_password(form, error)
        else:
            if done is not None:
                codes, token = done
                response = shown_once("members/recovery-codes.html", codes=codes, then=then, set_up=True)
                set_cookie(response, token)
                return response
            form.code.errors = [wrong_code()]
    secret = own_account.secret_for_app(hub, account)
    address = second_factor.address_for_app(account, secret, letters.hub_name(hub.settings, current_language()))
    return shown_once(
        "members/second-factor-setup.html",
        form=form,
        then=then,
        qr=qr_code(address),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        required=account.needs_second_factor,
    )


def forgotten() -> ResponseReturnValue:
    """Ask where to send a letter with which one chooses a new password. The answer is the same for every address."""
    form = ForgottenForm()
    sent = form.validate_on_submit()
    if sent:
        signing_in.begin_reset(current_hub(), form.email.data)
    return render_template("members/forgotten.html", form=form, sent=sent)


def reset(token: str) -> ResponseReturnValue:
    """Let the reader of a letter choose a new password."""
    if not signing_in.reset_is_open(current_hub(), token):
        return spent("reset")
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            signing_in.reset(current_hub(), token, form.password.data)
        except WeakPasswordError as error:
            form.refuse(error.weakness)
        else:
            response = make_response(render_template("members/reset-done.html"))
            clear_cookie(response)
            return response
    return render_template("members/reset.html", form=form)


def spent(kind: str) -> Response:
    """Return the page that says that the address of a letter of this kind leads nowhere any more."""
    return make_response(render_template("members/link-spent.html", kind=kind), 410)


def tell_wrong_password(form: ConfirmForm, error: WrongCredentialError) -> None:
    """Say in a form that the password, or the age of the session, is not enough."""
    if form.present is not None:
        form.present.errors = [gettext("This is not your password, or there were too many attempts. Wait a little.")]
    else:
        form.form_errors.append(error.advice_given)


def wrong_code() -> str:
    """Return what is said of a code that is not accepted."""
    return gettext(
        "This code is not right, or was used before. Wait for the next one, and check the telephone's clock."
    )

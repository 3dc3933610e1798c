"""The page of a person's tokens: what their programs sign in with."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from app.hub import checked_id, current_hub
from app.i18n import gettext
from app.members.account import this_session
from app.members.account_forms import TokenForm
from app.members.second_factor_pages import shown_once
from app.members.signing_in import tell_wrong_password
from app.people import person, signed_in_only
from app.site.links import link
from desk import own_account, signing_in
from holdings import tokens
from holdings.errors import WrongCredentialError
from holdings.tokens import Scope


def add_routes(site: Blueprint) -> None:
    """Add the page of tokens."""
    site.add_url_rule("/account/tokens", "account_tokens", own_tokens, methods=["GET", "POST"])
    site.add_url_rule("/account/tokens/<token_id>/revoke", "revoke_token", revoke, methods=["POST"])


@signed_in_only
def own_tokens() -> ResponseReturnValue:
    """Show the person's tokens; make a new one and show it, once."""
    hub, form = current_hub(), TokenForm()
    if not person().has_password:
        del form.present
    if form.validate_on_submit():
        try:
            signing_in.confirm(hub, this_session(), form.present.data if form.present else "")
        except WrongCredentialError as error:
            tell_wrong_password(form, error)
        else:
            made, secret = own_account.create_token(
                hub,
                person(),
                name=form.name.data,
                scopes=[Scope(value) for value in form.scopes.data],
                days=form.days.data,
            )
            return shown_once("members/new-token.html", token=made, secret=secret)
    with hub.catalogue.read() as session:
        found = tokens.of(session, person().id)
    return render_template("members/tokens.html", form=form, tokens=found)


@signed_in_only
def revoke(token_id: str) -> ResponseReturnValue:
    """End one of the person's tokens."""
    own_account.revoke_token(current_hub(), person(), checked_id(token_id))
    flash(gettext("The token is revoked: no program can use it any more."), "done")
    return redirect(link("account_tokens"))

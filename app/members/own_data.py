"""The page on which people take what the hub holds on them with them, or have themselves erased."""

from __future__ import annotations

import json

from flask import Blueprint, Response, make_response, render_template, session
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import gettext
from app.members.account import this_session
from app.members.account_forms import ErasureForm
from app.members.signing_in import tell_wrong_password
from app.people import clear_cookie, person, signed_in_only
from desk import personal, signing_in
from holdings.errors import LastAdministratorError, WrongCredentialError


def add_routes(site: Blueprint) -> None:
    """Add the page of a person's own data."""
    site.add_url_rule("/account/data", "account_data", own_data)
    site.add_url_rule("/account/data/export", "export_own_data", export, methods=["POST"])
    site.add_url_rule("/account/data/erase", "erase_own_data", erase, methods=["POST"])


@signed_in_only
def own_data() -> ResponseReturnValue:
    """Say what can be done with one's own data."""
    return _page(_form())


@signed_in_only
def export() -> ResponseReturnValue:
    """Give everything that the hub holds on the person, as JSON."""
    held = personal.export(current_hub(), person(), by=person())
    response = Response(json.dumps(held, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="ikhub-account.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@signed_in_only
def erase() -> ResponseReturnValue:
    """Erase the person, after their password and a word that is meant."""
    form, hub = _form(), current_hub()
    if form.validate_on_submit():
        try:
            signing_in.confirm(hub, this_session(), form.present.data if form.present else "")
            personal.erase(hub, person(), by=person())
        except WrongCredentialError as error:
            tell_wrong_password(form, error)
        except LastAdministratorError:
            form.sure.errors = [gettext("You are the only administrator of the hub: invite another one first.")]
        else:
            session.clear()
            response = make_response(render_template("members/erased.html", account=None))
            clear_cookie(response)
            return response
    return _page(form)


def _form() -> ErasureForm:
    form = ErasureForm()
    if not person().has_password:
        del form.present
    return form


def _page(form: ErasureForm) -> ResponseReturnValue:
    return render_template("members/own-data.html", form=form)

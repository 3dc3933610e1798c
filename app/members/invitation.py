"""The page that an invitation leads to: an account is made on it, or a further role taken by somebody who has one."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import gettext
from app.members import providers
from app.members.account_forms import InvitationForm
from app.members.entering import enter, this_browser
from app.members.signing_in import spent
from app.members.wording import organisation_name
from app.people import current_account
from app.site.links import link
from desk import accounts as desk_accounts
from desk import signing_in
from holdings import accounts, invitations
from holdings.errors import ChangedMeanwhileError, LinkSpentError, NotAllowedError, WeakPasswordError
from holdings.invitations import Invitation, Standing


def add_routes(site: Blueprint) -> None:
    """Add the page of an invitation."""
    site.add_url_rule("/invitation/<token>", "invitation", invitation, methods=["GET", "POST"])
    site.add_url_rule("/invitation/<token>/accept", "accept_invitation", accept, methods=["POST"])


def invitation(token: str) -> ResponseReturnValue:
    """Let the reader of an invitation make an account; for people who have one, nothing is behind a sign-in yet."""
    hub, asking = current_hub(), current_account()
    with hub.catalogue.read() as session:
        found = invitations.find(session, token)
        has_account = found is not None and accounts.find(session, found.email) is not None
    if found is None or found.standing is not Standing.OPEN:
        return _gone(found)
    form = InvitationForm()
    if asking is None and not has_account and form.validate_on_submit():
        try:
            made = desk_accounts.accept(hub, token, name=form.name.data, password=form.password.data)
        except WeakPasswordError as error:
            form.refuse(error.weakness)
        except ChangedMeanwhileError:
            return redirect(link("invitation", token=token))
        except LinkSpentError:
            return spent("invitation")
        else:
            with hub.catalogue.write() as session:
                begun = signing_in.begin(session, made, this_browser(), means="invitation")
            return enter(begun, None)
    return render_template(
        "members/invitation.html",
        form=form,
        token=token,
        invitation=found,
        organisation=organisation_name(found.organisation_id),
        has_account=has_account,
        is_theirs=asking is not None and asking.email == found.email,
        provider=providers.name(),
    )


def accept(token: str) -> ResponseReturnValue:
    """Give the person who is signed in what the invitation is for."""
    account = current_account()
    if account is None:
        return redirect(link("sign_in", then=link("invitation", token=token)))
    try:
        desk_accounts.accept_as(current_hub(), account, token)
    except LinkSpentError:
        return spent("invitation")
    except NotAllowedError:
        # The page says whose it is.
        return redirect(link("invitation", token=token))
    flash(gettext("You have accepted the invitation."), "done")
    return redirect(link("account"))


def _gone(found: Invitation | None) -> ResponseReturnValue:
    standing = found.standing.value if found is not None else "unknown"
    return make_response(render_template("members/link-spent.html", kind="invitation", standing=standing), 410)

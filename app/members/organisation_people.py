"""The page on which editors look after the people of their organisations: who belongs there as what, who is invited."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice

from app.hub import checked_id, current_hub
from app.i18n import current_language, gettext
from app.members.account_forms import InviteForm
from app.members.wording import organisation_name, role_meaning, role_words
from app.people import person, signed_in_only
from app.site.links import link
from desk import accounts as desk_accounts
from desk import people as desk_people
from holdings import accounts, invitations
from holdings.accounts import Account, Role
from holdings.errors import LinkSpentError, NotAllowedError, UnknownIdError, UsageError
from holdings.invitations import Invitation


@dataclass(frozen=True, slots=True)
class Space:
    """An organisation whose people somebody looks after."""

    id: str
    name: str
    people: list[Account]
    invitations: list[Invitation]


def add_routes(site: Blueprint) -> None:
    """Add the page of people and what its forms do."""
    site.add_url_rule("/members", "members", members)
    site.add_url_rule("/members/<organisation_id>/invite", "invite_member", invite, methods=["POST"])
    site.add_url_rule("/members/<organisation_id>/<account_id>", "change_member", change, methods=["POST"])
    site.add_url_rule(
        "/members/<organisation_id>/invitations/<invitation_id>/revoke",
        "revoke_invitation",
        revoke,
        methods=["POST"],
    )


@signed_in_only
def members() -> ResponseReturnValue:
    """Show the people of each organisation of which the one who asks is an editor."""
    return _page({})


@signed_in_only
def invite(organisation_id: str) -> ResponseReturnValue:
    """Invite somebody to an organisation."""
    form = _invite_form(_own(organisation_id))
    if not form.validate_on_submit():
        return _page({organisation_id: form})
    desk_accounts.invite(
        current_hub(),
        person(),
        email=form.email.data,
        role=Role(form.role.data),
        organisation_id=organisation_id,
        language=form.language.data,
    )
    flash(gettext("A letter with the invitation is on its way."), "done")
    return redirect(link("members"))


@signed_in_only
def change(organisation_id: str, account_id: str) -> ResponseReturnValue:
    """Give a person of the organisation another role there, or take them out of it."""
    role = _asked_role()
    try:
        desk_people.set_role(current_hub(), person(), checked_id(account_id), _own(organisation_id), role)
    except NotAllowedError as error:
        # Whether there is such a person is not told to an editor of another organisation.
        raise UnknownIdError("There is no such person in the organisation") from error
    done = gettext("That person no longer belongs to the organisation.")
    flash(gettext("The role is changed.") if role else done, "done")
    return redirect(link("account" if account_id == person().id else "members"))


@signed_in_only
def revoke(organisation_id: str, invitation_id: str) -> ResponseReturnValue:
    """Take an invitation to the organisation back."""
    hub = current_hub()
    with hub.catalogue.read() as session:
        if invitations.get(session, checked_id(invitation_id)).organisation_id != _own(organisation_id):
            raise UnknownIdError("There is no such invitation to the organisation")
    try:
        desk_accounts.revoke_invitation(hub, person(), invitation_id)
    except LinkSpentError:
        flash(gettext("The invitation was accepted or revoked already, or has run out."), "wrong")
    else:
        flash(gettext("The invitation is revoked."), "done")
    return redirect(link("members"))


def _asked_role() -> Role | None:
    """Return what a person shall be in the organisation, None for nothing. Raises UsageError."""
    value = request.form.get("role", "")
    if "remove" in request.form:
        return None
    if value not in set(Role):
        raise UsageError("There is no such role", advice=f"Roles are {', '.join(Role)}.")
    return Role(value)


def _own(organisation_id: str) -> str:
    """Return the id of an organisation of which the one who asks is an editor. Raises UnknownIdError."""
    if organisation_id not in person().organisations(Role.EDITOR):
        raise UnknownIdError("There is no such organisation whose people you look after")
    return organisation_id


def _invite_form(organisation_id: str, *, sent: bool = True) -> InviteForm:
    """Return the form of one organisation: the page has one for each, told apart by their fields' prefix."""
    form = InviteForm(prefix=f"{organisation_id}-") if sent else InviteForm(None, prefix=f"{organisation_id}-")
    form.role.choices = [SelectChoice(role.value, role_words(role)) for role in Role]
    return form


def _page(sent: dict[str, InviteForm]) -> ResponseReturnValue:
    editor_of = person().organisations(Role.EDITOR)
    if not editor_of:
        raise UnknownIdError("There is no such page")
    with current_hub().catalogue.read() as session:
        spaces = [
            Space(
                organisation_id,
                organisation_name(organisation_id),
                accounts.members(session, organisation_id, *Role),
                invitations.open_of(session, organisation_id),
            )
            for organisation_id in editor_of
        ]
    forms = {space.id: sent.get(space.id) or _fresh_form(space.id) for space in spaces}
    return render_template(
        "members/people.html",
        spaces=spaces,
        forms=forms,
        roles={role.value: role_words(role) for role in Role},
        meanings={role.value: role_meaning(role) for role in Role},
    )


def _fresh_form(organisation_id: str) -> InviteForm:
    form = _invite_form(organisation_id, sent=False)
    form.role.data, form.language.data = Role.CONTRIBUTOR.value, current_language()
    return form

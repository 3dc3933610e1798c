"""The people of the hub: found, invited, and their invitations looked after."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.validators import ValidationError

from app.hub import current_hub
from app.i18n import current_language, gettext
from app.members.account_forms import InviteForm
from app.members.wording import organisation_name, role_words
from app.people import only_for, person
from app.site.links import link
from desk import accounts as desk_accounts
from holdings import accounts, invitations
from holdings.accounts import Account, AccountStatus, HubRole, Role
from holdings.errors import LinkSpentError
from holdings.invitations import Invitation, Standing

_AT_MOST = 200
_HUB_ROLES = frozenset(HubRole)


class InvitationForm(InviteForm):
    """Invites to an organisation, or to the hub itself, for which no organisation is chosen."""

    organisation = SelectField()

    def validate_organisation(self, field: SelectField) -> None:
        if (self.role.data in _HUB_ROLES) is bool(field.data):
            raise ValidationError(
                gettext(
                    "Partners, contributors and editors belong to an organisation; curators and administrators do not."
                )
            )


def add_routes(site: Blueprint) -> None:
    """Add the pages of people to the site."""
    site.add_url_rule("/administration/people", "administered_people", listed)
    site.add_url_rule("/administration/invite", "invite_person", invite, methods=["GET", "POST"])
    site.add_url_rule(
        "/administration/invitations/<invitation_id>/again", "send_invitation_again", send_again, methods=["POST"]
    )
    site.add_url_rule(
        "/administration/invitations/<invitation_id>/revoke", "withdraw_invitation", revoke, methods=["POST"]
    )


@only_for(HubRole.ADMINISTRATOR)
def listed() -> str:
    """Show the people whose name or address has the words that are asked for, and who are what is asked for."""
    asked = {name: request.args.get(name, "").strip()[:200] for name in ("q", "role", "status")}
    with current_hub().catalogue.read() as session:
        everybody = accounts.all_accounts(session)
        invited = invitations.all_open(session)
    found = [one for one in everybody if _fits(one, asked)]
    return render_template(
        "members/administration/people.html",
        tab="administered_people",
        people=found[:_AT_MOST],
        number=len(found),
        asked=asked,
        roles={role.value: role_words(role) for role in (*Role, *HubRole)},
        invitations=invited,
        names=_names(found[:_AT_MOST], invited),
    )


@only_for(HubRole.ADMINISTRATOR)
def invite() -> ResponseReturnValue:
    """Invite somebody to an organisation, or to look after the hub."""
    form = InvitationForm()
    form.role.choices = {role.value: role_words(role) for role in (*Role, *HubRole)}
    known = sorted((organisation_name(one), one) for one in current_hub().organisations.all())
    form.organisation.choices = {"": "–"} | {one: name for name, one in known}
    if form.validate_on_submit():
        chosen = form.role.data
        desk_accounts.invite(
            current_hub(),
            person(),
            email=form.email.data,
            role=HubRole(chosen) if chosen in _HUB_ROLES else Role(chosen),
            organisation_id=form.organisation.data or None,
            language=form.language.data,
        )
        flash(gettext("A letter with the invitation is on its way."), "done")
        return redirect(link("administered_people"))
    if request.method == "GET":
        form.role.data, form.language.data = Role.CONTRIBUTOR.value, current_language()
    return render_template("members/administration/invite.html", tab="administered_people", form=form)


@only_for(HubRole.ADMINISTRATOR)
def send_again(invitation_id: str) -> ResponseReturnValue:
    """Write the letter of an open invitation again; the earlier one no longer works."""
    hub = current_hub()
    with hub.catalogue.read() as session:
        before = invitations.get(session, invitation_id)
    if before.standing is Standing.OPEN:
        desk_accounts.invite(
            hub,
            person(),
            email=before.email,
            role=before.role,
            organisation_id=before.organisation_id,
            language=before.language,
        )
        flash(gettext("A new letter is on its way. The address in the earlier one no longer works."), "done")
    else:
        flash(gettext("The invitation was accepted or revoked already, or has run out."), "wrong")
    return redirect(link("administered_people"))


@only_for(HubRole.ADMINISTRATOR)
def revoke(invitation_id: str) -> ResponseReturnValue:
    """Take an open invitation back."""
    try:
        desk_accounts.revoke_invitation(current_hub(), person(), invitation_id)
    except LinkSpentError:
        flash(gettext("The invitation was accepted or revoked already, or has run out."), "wrong")
    else:
        flash(gettext("The invitation is revoked."), "done")
    return redirect(link("administered_people"))


def _names(people: Sequence[Account], invited: Sequence[Invitation]) -> dict[str | None, str]:
    """Return what the organisations of these people are called, by id."""
    ids = {organisation_id for one in people for organisation_id in one.roles}
    return {one: organisation_name(one) for one in (*ids, *(invitation.organisation_id for invitation in invited))}


def _fits(one: Account, asked: dict[str, str]) -> bool:
    words = f"{one.name} {one.email} {' '.join(one.roles)}".casefold()
    is_one = not asked["role"] or asked["role"] in {one.hub_role, *one.roles.values()}
    has_status = asked["status"] not in set(AccountStatus) or one.status == asked["status"]
    return asked["q"].casefold() in words and is_one and has_status

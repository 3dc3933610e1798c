"""One person of the hub: roles, suspension, sessions, second factor, and the data that the hub holds on them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import gettext
from app.members.wording import organisation_name, role_words
from app.people import only_for
from app.people import person as who_asks
from app.site.links import link
from desk import auditing, personal
from desk import people as desk_people
from holdings import accounts, identities, sessions
from holdings.accounts import Account, AccountStatus, HubRole, Role
from holdings.errors import ChangedMeanwhileError, LastAdministratorError, UnknownIdError, UsageError

_ROLE = "role-"
_Kind = TypeVar("_Kind", Role, HubRole)


def add_routes(site: Blueprint) -> None:
    """Add the page of a person and what its forms do."""
    address = "/administration/people/<account_id>"
    site.add_url_rule(address, "administered_person", shown)
    for name, endpoint, view in (
        ("roles", "change_person", change),
        ("suspend", "suspend_person", suspend),
        ("restore", "restore_person", restore),
        ("end-sessions", "end_sessions_of_person", end_sessions),
        ("second-factor", "take_second_factor", take_second_factor),
        ("provider", "unlink_provider", unlink_provider),
        ("log", "log_of_person", log),
        ("export", "export_person", export),
        ("erase", "erase_person", erase),
    ):
        site.add_url_rule(f"{address}/{name}", endpoint, view, methods=["POST"])


@only_for(HubRole.ADMINISTRATOR)
def shown(account_id: str) -> str:
    """Show a person, and what can be done."""
    one = _present(account_id)
    with current_hub().catalogue.read() as session:
        browsers = sessions.of(session, one.id)
        is_linked = bool(identities.issuers(session, one.id))
    known = current_hub().organisations.all()
    return render_template(
        "members/administration/person.html",
        tab="administered_people",
        one=one,
        edition=desk_people.edition_of(one),
        browsers=browsers,
        seen=max((browser.seen_at for browser in browsers), default=None),
        is_self=one.id == who_asks().id,
        is_linked=is_linked,
        roles=[(role.value, role_words(role)) for role in Role],
        hub_roles=[(role.value, role_words(role)) for role in HubRole],
        memberships=[(organisation_id, organisation_name(organisation_id)) for organisation_id in one.roles],
        others=sorted(
            ((other, organisation_name(other)) for other in known if other not in one.roles), key=lambda pair: pair[1]
        ),
    )


@only_for(HubRole.ADMINISTRATOR)
def change(account_id: str) -> ResponseReturnValue:
    """Make a person what the form says: for the hub, and in each organisation."""
    hub_role, roles = _asked(HubRole, "hub_role"), {}
    for name in request.form:
        if name.startswith(_ROLE):
            roles[name.removeprefix(_ROLE)] = _asked(Role, name)
    if request.form.get("organisation"):
        roles[request.form["organisation"]] = _asked(Role, "role")
    kept = {organisation_id: role for organisation_id, role in roles.items() if role is not None}
    edition = request.form.get("edition", "")

    def do(one: Account) -> str:
        desk_people.change_roles(current_hub(), who_asks(), one.id, hub_role=hub_role, roles=kept, edition=edition)
        return gettext("The roles are changed.")

    return _done(account_id, do)


@only_for(HubRole.ADMINISTRATOR)
def suspend(account_id: str) -> ResponseReturnValue:
    """Keep a person from signing in."""

    def do(one: Account) -> str:
        desk_people.suspend(current_hub(), who_asks(), one.id)
        return gettext("%(name)s is suspended and signed out everywhere.") % {"name": one.name}

    return _done(account_id, do)


@only_for(HubRole.ADMINISTRATOR)
def restore(account_id: str) -> ResponseReturnValue:
    """Let a suspended person sign in again."""

    def do(one: Account) -> str:
        desk_people.restore(current_hub(), who_asks(), one.id)
        return gettext("%(name)s can sign in again.") % {"name": one.name}

    return _done(account_id, do)


@only_for(HubRole.ADMINISTRATOR)
def end_sessions(account_id: str) -> ResponseReturnValue:
    """Sign a person out everywhere."""

    def do(one: Account) -> str:
        desk_people.end_sessions(current_hub(), who_asks(), one.id)
        return gettext("%(name)s is signed out everywhere.") % {"name": one.name}

    return _done(account_id, do)


@only_for(HubRole.ADMINISTRATOR)
def take_second_factor(account_id: str) -> ResponseReturnValue:
    """Take away the second factor of a person who lost it."""

    def do(one: Account) -> str:
        desk_people.take_second_factor(current_hub(), who_asks(), one.id)
        return gettext("The second factor is taken away. %(name)s was told by mail.") % {"name": one.name}

    return _done(account_id, do)


@only_for(HubRole.ADMINISTRATOR)
def unlink_provider(account_id: str) -> ResponseReturnValue:
    """Forget who a person is at the provider."""

    def do(one: Account) -> str:
        desk_people.unlink_provider(current_hub(), who_asks(), one.id)
        return gettext("%(name)s is unlinked from the provider and signed out everywhere.") % {"name": one.name}

    return _done(account_id, do)


@only_for(HubRole.ADMINISTRATOR)
def log(account_id: str) -> ResponseReturnValue:
    """Lead to what the audit log has of a person; that this was asked is on record."""
    pseudonym = auditing.pseudonym_of(current_hub(), who_asks(), account_id)
    return redirect(link("audit_log", actor=pseudonym))


@only_for(HubRole.ADMINISTRATOR)
def export(account_id: str) -> ResponseReturnValue:
    """Give everything that the hub holds on a person, as JSON."""
    held = personal.export(current_hub(), _present(account_id), who_asks())
    response = Response(json.dumps(held, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="ikhub-account.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@only_for(HubRole.ADMINISTRATOR)
def erase(account_id: str) -> ResponseReturnValue:
    """Erase a person, whose address has to be written out for it. Cannot be undone."""
    one = _present(account_id)
    if accounts.normal_email(request.form.get("email", "")) != one.email:
        flash(
            gettext("Nobody was erased: the address that you wrote is not that of %(name)s.") % {"name": one.name},
            "wrong",
        )
        return redirect(link("administered_person", account_id=account_id))
    try:
        personal.erase(current_hub(), one, who_asks())
    except LastAdministratorError:
        flash(_last_administrator(), "wrong")
        return redirect(link("administered_person", account_id=account_id))
    flash(gettext("%(name)s is erased. What was done stays in the log under a pseudonym.") % {"name": one.name}, "done")
    return redirect(link("administered_people"))


def _done(account_id: str, do: Callable[[Account], str]) -> ResponseReturnValue:
    """Do something with a person, say that it is done or why not, and show the person again."""
    try:
        flash(do(_present(account_id)), "done")
    except LastAdministratorError:
        flash(_last_administrator(), "wrong")
    except ChangedMeanwhileError:
        flash(
            gettext(
                "Somebody else changed this person meanwhile. Nothing of yours was saved: look, and change it anew."
            ),
            "wrong",
        )
    return redirect(link("administered_person", account_id=account_id))


def _last_administrator() -> str:
    return gettext("The hub needs an administrator: make another one first.")


def _present(account_id: str) -> Account:
    """Return a person who was not erased. Raises UnknownIdError."""
    with current_hub().catalogue.read() as session:
        one = accounts.get(session, account_id)
    if one.status is AccountStatus.ERASED:
        raise UnknownIdError("There is no such person any more")
    return one


def _asked(kind: type[_Kind], name: str) -> _Kind | None:
    """Return the role that a field of the form names, None for none. Raises UsageError."""
    value = request.form.get(name, "")
    if not value:
        return None
    if value not in set(kind):
        raise UsageError("There is no such role")
    return kind(value)

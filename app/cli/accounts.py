"""`ikhub account invite | list | suspend | restore | reset`: people, from the machine that runs the hub."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from app.cli.context import Session, errors, print_json
from desk import accounts as desk_accounts
from desk import people as desk_people
from desk import signing_in
from desk.dates import moment_in_words
from holdings import accounts
from holdings.accounts import Account, HubRole, Role
from holdings.errors import UnknownIdError
from indexer.hub import Hub

_ROLES: tuple[Role | HubRole, ...] = (*Role, *HubRole)


@click.group()
def account() -> None:
    """Invite people, and look after their accounts. EMAIL may be the id of an account too."""


@account.command()
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in _ROLES]), required=True, help="What they may become.")
@click.option("--organisation", metavar="ID", help="In which organisation; not for curators and administrators.")
@click.option("--language", type=click.Choice(["id", "en"]), default="id", show_default=True, help="Of the letter.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def invite(session: Session, email: str, role: str, organisation: str | None, language: str, as_json: bool) -> None:
    """Invite somebody by letter. Without a mail server, print the address that the letter would lead to."""
    wanted = next(one for one in _ROLES if one.value == role)
    with session.hub() as hub:
        made = desk_accounts.invite(
            hub, None, email=email, role=wanted, organisation_id=organisation, language=language
        )
        by_mail = bool(hub.settings.desk.mail.host)
        until = moment_in_words(made.invitation.expires_at, hub.settings.app.zone, "en")
    if as_json:
        expires = made.invitation.expires_at.isoformat(timespec="seconds")
        line = {"invitation": made.invitation.id, "email": made.invitation.email, "role": role, "until": expires}
        print_json({**line, "address": None if by_mail else made.address})
    elif by_mail:
        errors.print(f"A letter to {made.invitation.email} is on its way; it is good until {until}.", markup=False)
    else:
        errors.print(
            f"Give this address to {made.invitation.email}, and nobody else; good until {until}:", markup=False
        )
        click.echo(made.address)


@account.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line on standard output.")
@click.pass_obj
def list_accounts(session: Session, as_json: bool) -> None:
    """List everybody who can sign in, or could before they were suspended."""
    with session.hub() as hub, hub.catalogue.read() as read:
        found = accounts.all_accounts(read)
    if as_json:
        for one in found:
            print_json(_line(one))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "name", "e-mail", "roles", "status", "second factor"):
        table.add_column(heading)
    for one in found:
        roles = [*([one.hub_role.value] if one.hub_role else []), *(f"{role}:{o}" for o, role in one.roles.items())]
        factor = "yes" if one.has_second_factor else "no"
        table.add_row(one.id, one.name, one.email, ", ".join(roles), one.status.value, factor)
    Console().print(table)


@account.command()
@click.argument("email")
@click.pass_obj
def suspend(session: Session, email: str) -> None:
    """Keep a person from signing in, and end their sessions."""
    with session.hub() as hub:
        desk_people.suspend(hub, None, _find(hub, email).id)
    errors.print(f"{email} cannot sign in any more.", markup=False)


@account.command()
@click.argument("email")
@click.pass_obj
def restore(session: Session, email: str) -> None:
    """Let a suspended person sign in again."""
    with session.hub() as hub:
        desk_people.restore(hub, None, _find(hub, email).id)
    errors.print(f"{email} can sign in again.", markup=False)


@account.command()
@click.argument("email")
@click.option("--second-factor", is_flag=True, help="Also take away the second factor, of somebody who lost it.")
@click.pass_obj
def reset(session: Session, email: str, second_factor: bool) -> None:
    """Print an address at which a person can choose a new password, once, within an hour."""
    with session.hub() as hub:
        found = _find(hub, email)
        if second_factor:
            desk_people.take_second_factor(hub, None, found.id)
        address = signing_in.reset_address(hub, found.id)
    errors.print(f"Give this address to {found.email}, and nobody else:", markup=False)
    click.echo(address)


def _find(hub: Hub, email: str) -> Account:
    with hub.catalogue.read() as read:
        found = accounts.find(read, email)
        if found is None:
            try:
                found = accounts.get(read, email)
            except UnknownIdError:
                raise UnknownIdError(
                    f"Nobody has an account with {email}", advice="`ikhub account list` lists them."
                ) from None
    return found


def _line(one: Account) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "hub_role": one.hub_role,
        "roles": dict(one.roles),
        "status": one.status,
        "second_factor": one.has_second_factor,
    }

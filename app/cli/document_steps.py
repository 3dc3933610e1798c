"""`ikhub document publish | withdraw | reinstate | purge | allow-again`: steps of the workflow without the site."""

from __future__ import annotations

import click

from app.cli.context import Session, confirm
from desk import purging
from desk.purging import PurgeOrder
from desk.reviewing import take
from holdings import documents
from holdings.model import Document
from holdings.reasons import OF_PURGES, Reason
from holdings.reviews import Withdrawal
from holdings.workflow import Action
from indexer.hub import Hub
from indexer.synchronise import synchronise

_REASONS = click.Choice([reason.value for reason in Reason])


@click.command()
@click.argument("document_id")
@click.option("--comment", default="", help="A word for the contributor.")
@click.pass_obj
def publish(session: Session, document_id: str, comment: str) -> None:
    """Publish a document that was submitted."""
    with session.hub() as hub:
        _take(hub, document_id, Action.PUBLISH, comment)


@click.command()
@click.argument("document_id")
@click.option("--reason", type=_REASONS, required=True, help="Why, for those who could read it.")
@click.option("--note", default="", help="A word for its readers, shown at its address.")
@click.option("--hide-title", is_flag=True, help="Do not show the title at its address either.")
@click.option("--comment", default="", help="A word for the people of the desk.")
@click.pass_obj
def withdraw(session: Session, document_id: str, reason: str, note: str, hide_title: bool, comment: str) -> None:
    """Withdraw a published document: nobody finds or reads it, its address says that it was withdrawn, and why."""
    with session.hub() as hub:
        _take(hub, document_id, Action.WITHDRAW, comment, Withdrawal(Reason(reason), note, hide_title))


@click.command()
@click.argument("document_id")
@click.option("--comment", default="", help="A word for the contributor.")
@click.pass_obj
def reinstate(session: Session, document_id: str, comment: str) -> None:
    """Publish a document again that was withdrawn."""
    with session.hub() as hub:
        _take(hub, document_id, Action.REINSTATE, comment)


@click.command()
@click.argument("document_id")
@click.option(
    "--reason", type=click.Choice([reason.value for reason in OF_PURGES]), required=True, help="Why, for its readers."
)
@click.option("--note", default="", help="A word for its readers, such as the number of a judgment.")
@click.option("--keep-text", is_flag=True, help="Keep the text that was read from it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def purge(session: Session, document_id: str, reason: str, note: str, keep_text: bool, yes: bool) -> None:
    """Destroy the originals of a withdrawn document, and its text. This cannot be undone."""
    with session.hub() as hub:
        found = _found(hub, document_id)
        what = "its originals" if keep_text else "its originals and its text"
        click.echo(f"{found.id}  {found.title}: {what} will be destroyed for good.")
        for file in found.files:
            click.echo(f"  {file.sha256}  {'; '.join(file.names)}")
        confirm("Destroy them?", yes=yes)
        order = PurgeOrder(Reason(reason), note, with_text=not keep_text)
        purging.purge(hub, None, document_id, order, edition=found.edition)
        synchronise(hub)
        click.echo(
            "Destroyed. `ikhub index rebuild` takes what the index has deleted of its text off the disk as well."
        )


@click.command("allow-again")
@click.argument("sha256")
@click.pass_obj
def allow_again(session: Session, sha256: str) -> None:
    """Allow a file that was destroyed to come in again, by its checksum."""
    with session.hub() as hub:
        purging.allow_again(hub, None, sha256)
        click.echo(f"{sha256} may come in again.")


def _take(hub: Hub, document_id: str, action: Action, comment: str, withdrawal: Withdrawal | None = None) -> None:
    found = _found(hub, document_id)
    done = take(hub, None, document_id, action, edition=found.edition, comment=comment, withdrawal=withdrawal)
    synchronise(hub)
    click.echo(f"{done.id}  {done.title}: {done.state.value}")


def _found(hub: Hub, document_id: str) -> Document:
    with hub.catalogue.read() as session:
        return documents.get(session, document_id)

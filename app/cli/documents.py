"""`ikhub document show | edit | remove`; the steps of the workflow are in `app.cli.document_steps`."""

from __future__ import annotations

import click
from rich.console import Console

from app.cli.context import Session, confirm, print_json
from app.cli.document_account import account
from app.cli.document_steps import allow_again, publish, purge, reinstate, withdraw
from app.contract_documents import document_object
from holdings import arrivals, documents
from indexer.hub import Hub
from indexer.related import related
from indexer.synchronise import synchronise
from ingest.editing import edit_document, remove_document


@click.group()
def document() -> None:
    """Look at, describe and remove documents."""


@document.command()
@click.argument("document_id")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def show(session: Session, document_id: str, as_json: bool) -> None:
    """Show what the hub knows of a document, with the source of each statement and the receipts of its files."""
    with session.hub() as hub:
        _show(hub, document_id, as_json=as_json)


@document.command()
@click.argument("document_id")
@click.argument("changes", nargs=-1, required=True, metavar="FIELD=VALUE…")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def edit(session: Session, document_id: str, changes: tuple[str, ...], as_json: bool) -> None:
    """Declare fields of a document: title, kind, date, authors, organisation, number, language, themes, provinces,
    priorities, abstract, licence, access, embargo_until.

    Several values are separated by `;`. An empty value takes a declaration back.
    """
    with session.hub() as hub:
        edit_document(hub, document_id, changes)
        synchronise(hub)
        _show(hub, document_id, as_json=as_json)


@document.command()
@click.argument("document_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(session: Session, document_id: str, yes: bool) -> None:
    """Take a document out of the hub. Its record, receipts and files stay in the data folder."""
    with session.hub() as hub:
        with hub.catalogue.read() as read:
            found = documents.get(read, document_id)
        click.echo(f"{found.id}  {found.title}: nobody will find or read it any more.")
        confirm("Remove it?", yes=yes)
        remove_document(hub, document_id)
        synchronise(hub)


for step in (publish, withdraw, reinstate, purge, allow_again):
    document.add_command(step)


def _show(hub: Hub, document_id: str, *, as_json: bool) -> None:
    with hub.catalogue.read() as read:
        found = documents.get(read, document_id)
        receipts = arrivals.receipts_of(read, document_id)
    # Whoever has the command line has the data folder, and keeps all documents.
    others = related(hub, document_id, None)
    shown = document_object(hub, found, relations=others, receipts=receipts)
    if as_json:
        print_json(shown)
    else:
        out = Console(highlight=False, soft_wrap=True)
        for line in account(shown):
            out.print(line)

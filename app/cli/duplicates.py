"""`ikhub duplicates list | resolve`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from app.cli.context import Session, print_json
from app.cli.reading_as import viewer_as
from holdings import audit, documents, relations
from holdings.access import Viewer, may_read
from holdings.portions import portions
from holdings.relations import RelatedPair, Relation
from indexer.hub import Hub


@click.group()
def duplicates() -> None:
    """Look at what documents have to do with each other, and settle it."""


@duplicates.command("list")
@click.option("--as", "labels", multiple=True, metavar="LABEL", help="Only what who carries these labels may read.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a relation on standard output.")
@click.pass_obj
def list_relations(session: Session, labels: tuple[str, ...], as_json: bool) -> None:
    """Show each relation: identical, new-version, translation, excerpt or related.

    It runs from the later copy, the newer version, the translation or the excerpt to what that goes back to. What was
    rejected and what was removed is left out. Without --as, all is shown.
    """
    with session.hub() as hub:
        viewer = viewer_as(hub, labels) if labels else None
        for pair in _readable(hub, viewer):
            if as_json:
                print_json(relation_object(pair))
            else:
                shared = f"{pair.shared:4.0%}" if pair.shared is not None else "   ?"
                click.echo(
                    f"{pair.relation.value:<12} {pair.document_id}  {pair.other_id}  {shared}  {pair.status.value}"
                )


@duplicates.command()
@click.argument("document_id")
@click.argument("other_id")
@click.option(
    "--as-class",
    "relation",
    required=True,
    type=click.Choice([relation.value for relation in Relation]),
    help="What DOCUMENT_ID is to OTHER_ID; `none` rejects what was found.",
)
@click.option("--by", default="command line", metavar="NAME", help="Who settles it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def resolve(session: Session, document_id: str, other_id: str, relation: str, by: str, as_json: bool) -> None:
    """Settle what a document is to another. Nothing changes it afterwards but this command."""
    with session.hub() as hub:
        with (
            hub.catalogue.locks.hold("relations", wait_seconds=10),
            hub.catalogue.write() as write,
        ):
            pair = relations.settle(write, document_id, other_id, Relation(relation), by=by)
            settled = {"other": other_id, "relation": relation}
            audit.append(write, audit.COMMAND_LINE, "relation.settle", "document", document_id, **settled)
        if as_json:
            print_json(relation_object(pair))
        else:
            click.echo(f"{pair.document_id} is {pair.relation.value} of {pair.other_id}: {pair.status.value}.")


def relation_object(pair: RelatedPair) -> dict[str, object]:
    """Return a relation as the contract has it."""
    return {
        "class": pair.relation.value,
        "document_id": pair.document_id,
        "other_id": pair.other_id,
        "shared": pair.shared,
        "pages": [list(pages) for pages in pair.pages],
        "status": pair.status.value,
    }


def _readable(hub: Hub, viewer: Viewer | None) -> list[RelatedPair]:
    """Return the relations of which the viewer may read both documents; without a viewer, all."""
    with hub.catalogue.read() as read:
        pairs = relations.all_relations(read)
        if viewer is None:
            return pairs
        now = datetime.now(UTC)
        ids = sorted({identifier for pair in pairs for identifier in (pair.document_id, pair.other_id)})
        readable = {
            document.id
            for some in portions(ids)
            for document in documents.get_many(read, some)
            if may_read(document.access, viewer, now)
        }
    return [pair for pair in pairs if pair.document_id in readable and pair.other_id in readable]

"""`ikhub audit verify | head | export`."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.context import OK, TROUBLED, Session, print_json
from desk import auditing
from desk.auditing import ExportForm
from holdings import audit as audit_log
from holdings.audit import COMMAND_LINE, Head
from holdings.audit_search import Wanted
from ingest.metadata import parse_moment


@click.group()
def audit() -> None:
    """Verify, keep and export the log of everything that was done."""


@audit.command()
@click.option("--head", "heads", multiple=True, metavar="SEQUENCE:HASH", help="A head that was kept; may be repeated.")
@click.option("--head-file", type=click.Path(path_type=Path), help="A file of heads that were kept, one a line.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def verify(session: Session, heads: tuple[str, ...], head_file: Path | None, as_json: bool) -> None:
    """Verify that no entry was changed, taken out, put in or moved. Ends with 1 when one was.

    What was rewritten from some entry to the end, and an end that was cut off, shows only against heads that were kept.
    """
    kept = [Head.parse(head) for head in heads] + (auditing.kept_heads(head_file) if head_file else [])
    with session.hub() as hub:
        found = auditing.verify(hub, COMMAND_LINE, kept)
    broken = found.broken
    if as_json:
        print_json(
            {
                "entries": found.entries,
                "head": str(found.head) if found.head else None,
                "kept_heads": len(kept),
                "broken": {"sequence": broken.sequence, "fault": broken.fault.value, "message": broken.message}
                if broken
                else None,
            }
        )
    elif broken is not None:
        click.echo(f"{broken.message}. {found.entries} entries before it fit.")
    else:
        click.echo(f"All {found.entries} entries fit, and {len(kept)} heads that were kept.")
    raise SystemExit(TROUBLED if broken else OK)


@audit.command()
@click.option("--append", "file", type=click.Path(path_type=Path), help="Append it to this file, where it is new.")
@click.pass_obj
def head(session: Session, file: Path | None) -> None:
    """Print the head of the log, to be kept where nobody of this machine can write.

    With --append, the log must still have the last head in the file: else nothing is appended and it ends with 1.
    """
    with session.hub() as hub:
        if file is not None:
            found = auditing.keep_head(hub, file)
        else:
            with hub.catalogue.read() as read:
                found = audit_log.head(read)
    if found is not None:
        click.echo(str(found))


@audit.command()
@click.option("--from", "since", metavar="MOMENT", help="Only entries since then: 2026-11-01, or with a time.")
@click.option("--to", "until", metavar="MOMENT", help="Only entries before then.")
@click.option("--actor", default="", help="Only what this actor did: a pseudonym, command-line, worker or public.")
@click.option("--action", default="", help="Only this action.")
@click.option("--subject", default="", help="Only what was done to the thing with this id.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an entry on standard output, else CSV.")
@click.pass_obj
def export(
    session: Session, since: str | None, until: str | None, actor: str, action: str, subject: str, as_json: bool
) -> None:
    """Print entries, the oldest first, with all that their hashes cover. That it was exported is recorded."""
    with session.hub() as hub:
        first, end = (parse_moment(one, hub.settings.app.zone) if one else None for one in (since, until))
        wanted = Wanted(first, end, actor=actor, action=action, subject_id=subject)
        for line in auditing.export(hub, COMMAND_LINE, wanted, ExportForm.JSON if as_json else ExportForm.CSV):
            click.echo(line, nl=False)

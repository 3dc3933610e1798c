"""`ikhub index sync | rebuild | check`."""

from __future__ import annotations

import click

from app.cli.context import OK, TROUBLED, Session, errors, print_json
from indexer import synchronise
from indexer.synchronise import SyncReport


@click.group()
def index() -> None:
    """Keep the search index in step with the catalogue."""


@index.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def sync(session: Session, as_json: bool) -> None:
    """Write to the index what the catalogue has and it has not: what cron calls."""
    with session.hub() as hub:
        report = synchronise.synchronise(hub)
    raise SystemExit(_print(report, as_json=as_json))


@index.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def rebuild(session: Session, as_json: bool) -> None:
    """Build the index anew from the catalogue beside the live one, then switch to it. Searches go on meanwhile."""
    with session.hub() as hub:
        errors.print(
            f"Building a new {hub.engine.name} index; the present one is deleted when the new one is complete."
        )
        report = synchronise.rebuild(hub)
    raise SystemExit(_print(report, as_json=as_json))


@index.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a difference on standard output.")
@click.option("--repair", is_flag=True, help="Write again what differs, and take out what is superfluous.")
@click.pass_obj
def check(session: Session, as_json: bool, repair: bool) -> None:
    """Say what the catalogue and the index disagree on. Ends with 1 when they do."""
    with session.hub() as hub:
        differences = list(synchronise.check(hub))
        for difference in differences:
            if as_json:
                print_json(
                    {
                        "code": difference.code,
                        "document_id": difference.document_id,
                        "message": difference.message,
                    }
                )
            else:
                click.echo(f"{difference.document_id}  {difference.code}: {difference.message}")
        if repair and differences:
            synchronise.mend(hub, differences)
            synchronise.synchronise(hub)
            differences = list(synchronise.check(hub))
    if not as_json:
        click.echo(f"{len(differences)} differences." if differences else "Catalogue and index agree.")
    raise SystemExit(TROUBLED if differences else OK)


def _print(report: SyncReport, *, as_json: bool) -> int:
    if as_json:
        print_json(
            {
                "generation": report.generation,
                "written": report.written,
                "removed": report.removed,
                "refused": report.refused,
                "rebuilt": report.rebuilt,
            }
        )
    else:
        click.echo(f"{report.written} written, {report.removed} removed, {len(report.refused)} refused.")
        for document_id, reason in report.refused.items():
            click.echo(f"{document_id}  refused: {reason}")
    return TROUBLED if report.refused else OK

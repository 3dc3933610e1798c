"""`ikhub ingest harvest`."""

from __future__ import annotations

import click

from app.cli.context import OK, TROUBLED, TRY_AGAIN_LATER, Session, errors, print_json, tell
from app.cli.ingest import receipt_printer
from holdings.access import parse_label
from ingest.harvest.receiving import HarvestSummary, Withdrawn
from ingest.harvest.running import HarvestRequest
from ingest.harvest.running import harvest as run_harvest


@click.command()
@click.argument("url")
@click.option("--access", multiple=True, metavar="LABEL", help="Who may read what is harvested; may be repeated.")
@click.option("--metadata-prefix", default="oai_dc", show_default=True, help="Format of an OAI-PMH source's metadata.")
@click.option("--set", "set_name", metavar="SET", help="Only the records of this set of an OAI-PMH source.")
@click.option("--from", "since", metavar="DATE", help="What changed since then, instead of since the last harvest.")
@click.option("--max-items", type=click.IntRange(min=1), help="Look at no more records or addresses than this.")
@click.option("--no-wait", is_flag=True, help="Return when the files are fetched; `ingest run` or a worker reads them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file on standard output.")
@click.pass_obj
def harvest(
    session: Session,
    url: str,
    access: tuple[str, ...],
    metadata_prefix: str,
    set_name: str | None,
    since: str | None,
    max_items: int | None,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Fetch what is new or changed at an OAI-PMH source, a sitemap, or a site that has one."""
    labels = tuple(parse_label(label) for label in access)
    request = HarvestRequest(url, labels, metadata_prefix, set_name, since, max_items)

    report = receipt_printer(as_json=as_json)

    def tell_withdrawn(withdrawn: Withdrawn) -> None:
        if as_json:
            print_json(
                {
                    "identifier": withdrawn.identifier,
                    "path": withdrawn.path,
                    "withdrawn": withdrawn.withdrawn.isoformat(),
                    "document_ids": list(withdrawn.document_ids),
                }
            )
        else:
            click.secho("withdrawn ", nl=False, fg="yellow")
            click.echo(f" {' '.join(withdrawn.document_ids) or '-':<10}  {withdrawn.path}")

    with session.hub() as hub:
        summary = run_harvest(hub, request, wait=not no_wait, report=report, tell=tell_withdrawn)
    raise SystemExit(_tell(summary))


def _tell(summary: HarvestSummary) -> int:
    """Say on standard error what a run did and what is left, and return the exit code."""
    for problem in summary.problems:
        errors.print(problem, style="yellow", markup=False)
    counts = [f"{number} {outcome}" for outcome, number in sorted(summary.work.outcomes.items())]
    counts += [
        f"{number} {words}"
        for number, words in (
            (summary.passed, "as they were"),
            (summary.without_file, "without a file"),
            (summary.skipped, "no documents"),
            (summary.withdrawn, "withdrawn by the source (their documents stay; `ikhub document remove ID`)"),
        )
        if number
    ]
    errors.print(", ".join(counts) or "nothing new", end="", markup=False)
    errors.print("." if summary.complete else "; not at the end yet, the next run goes on.", markup=False)
    if summary.stopped_by is not None:
        tell(summary.stopped_by)
        return TRY_AGAIN_LATER
    return TROUBLED if summary.troubled else OK

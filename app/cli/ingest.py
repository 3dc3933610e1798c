"""`ikhub ingest add | run` and `ikhub worker`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.context import OK, TROUBLED, TRY_AGAIN_LATER, Session, errors, print_json, tell
from desk.chores import CHORES
from holdings import arrivals
from holdings.access import parse_label
from holdings.errors import FileOutcome
from holdings.model import Arrival, receipt_line
from indexer.hub import Hub
from ingest import delivery, work
from ingest.metadata import MetadataFile, read_metadata


@click.group()
def ingest() -> None:
    """Bring files into the hub."""


@ingest.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--metadata", type=click.Path(path_type=Path), help="CSV with one row a file: what you declare of them.")
@click.option("--access", multiple=True, metavar="LABEL", help="Who may read what is added; may be repeated.")
@click.option(
    "--no-wait", is_flag=True, help="Return when the files are recorded; `ingest run` or a worker reads them."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file on standard output.")
@click.pass_obj
def add(
    session: Session,
    paths: tuple[Path, ...],
    metadata: Path | None,
    access: tuple[str, ...],
    no_wait: bool,
    as_json: bool,
) -> None:
    """Add files; folders are walked. Returns when they are searchable or have failed."""
    labels = tuple(parse_label(label) for label in access)
    with session.hub() as hub:
        declared = read_metadata(metadata, hub.vocabularies, hub.settings.app.zone) if metadata else MetadataFile()
        for problem in declared.problems:
            errors.print(f"{metadata}, line {problem.line}: {problem.message}", style="yellow", markup=False)
        ids = work.receive(hub, paths, access=labels, metadata=declared)
        if no_wait:
            delivery.deliver(hub, ids)
            with hub.catalogue.read() as read:
                recorded = arrivals.get_many(read, ids)
            if as_json:
                for arrival in recorded:
                    print_json(receipt_line(arrival))
            else:
                click.echo(f"{len(recorded)} files are recorded.")
            code = OK
        else:
            code = finish_and_print(
                hub, len(ids), lambda report: delivery.finish(hub, ids, report=report), as_json=as_json
            )
    raise SystemExit(code or (TROUBLED if declared.problems else OK))


@ingest.command()
@click.option("--max-seconds", type=click.FloatRange(min=0), help="Begin no further file after this time.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file on standard output.")
@click.pass_obj
def run(session: Session, max_seconds: float | None, as_json: bool) -> None:
    """Finish whatever is unfinished: what cron calls."""
    with session.hub() as hub:
        with hub.catalogue.read() as read:
            waiting = len(arrivals.unfinished(read))
        code = finish_and_print(
            hub, waiting, lambda report: work.run(hub, max_seconds=max_seconds, report=report), as_json=as_json
        )
    raise SystemExit(code)


@click.command()
@click.option("--queue", "queues", multiple=True, metavar="NAME", help="Celery queues to work on; all when not given.")
@click.pass_obj
def worker(session: Session, queues: tuple[str, ...]) -> None:
    """Work until stopped: Celery workers where a broker is configured, else the local worker."""
    delivery.work_forever(session.settings, queues, chores=CHORES)


def receipt_printer(*, as_json: bool) -> work.Report:
    """Return what prints each receipt as it comes."""

    def report(arrival: Arrival) -> None:
        if as_json:
            print_json(receipt_line(arrival))
        else:
            print_receipts([arrival])

    return report


def finish_and_print(hub: Hub, total: int, finish: Callable[[work.Report], work.WorkSummary], *, as_json: bool) -> int:
    """Finish files under a progress bar, print their receipts and a summary, and return the exit code."""
    finished: list[Arrival] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Reading files", total=total)

        def report(arrival: Arrival) -> None:
            progress.advance(task)
            if as_json:
                print_json(receipt_line(arrival))
            else:
                finished.append(arrival)

        summary = finish(report)
    if not as_json:
        print_receipts(finished)
    counted = ", ".join(f"{number} {outcome}" for outcome, number in sorted(summary.outcomes.items())) or "no files"
    left = f"; {summary.waiting} left for the next run" if summary.waiting else ""
    errors.print(f"{counted}{left}.", markup=False)
    if summary.pages_awaiting_ocr:
        errors.print(f"{summary.pages_awaiting_ocr} pages wait for OCR: `ikhub ingest status` says why.", markup=False)
    if summary.stopped_by is not None:
        tell(summary.stopped_by)
        return TRY_AGAIN_LATER
    return TROUBLED if summary.troubled else OK


def print_receipts(finished: Iterable[Arrival]) -> None:
    """Print a line for each file, and under it what went wrong or was left out. Nothing is cut off."""
    for arrival in sorted(finished, key=lambda a: a.path):
        outcome = arrival.outcome.value if arrival.outcome else "waiting"
        trouble = arrival.outcome in (FileOutcome.FAILED, FileOutcome.REJECTED)
        click.secho(f"{outcome:<9} ", nl=False, fg="red" if trouble else "green")
        click.echo(f" {arrival.document_id or '':<10}  {_pages(arrival):<8}  {arrival.path}")
        if arrival.error:
            click.echo(f"           {arrival.error.code}: {arrival.error.message.rstrip('.')}. {arrival.error.advice}")
        if arrival.text and arrival.text.scans:
            click.echo(f"           {len(arrival.text.scans)} of its pages are pictures of text that wait for OCR")
        empty = arrival.text.pages_without_text - len(arrival.text.scans) if arrival.text else 0
        if empty > 0:
            click.echo(f"           {empty} of its pages have no text that can be read")
        for reason in arrival.text.truncated if arrival.text else ():
            click.echo(f"           {reason}")


def _pages(arrival: Arrival) -> str:
    if arrival.text is None:
        return ""
    return "1 page" if arrival.text.pages == 1 else f"{arrival.text.pages} pages"

"""`ikhub ingest watch`."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from app.cli.context import OK, TROUBLED, TRY_AGAIN_LATER, Session, errors, tell
from app.cli.ingest import receipt_printer
from holdings.access import parse_label
from ingest.inbox import Inbox, InboxSummary


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--access", multiple=True, metavar="LABEL", help="Who may read what comes in; may be repeated.")
@click.option("--once", is_flag=True, help="Take what is there, and end: for cron.")
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="How long a file must stay as it is before it is taken; else ingest.inbox.settle_seconds.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file on standard output.")
@click.pass_obj
def watch(
    session: Session, folder: Path, access: tuple[str, ...], once: bool, settle: float | None, as_json: bool
) -> None:
    """Take the files of a folder as they come, and move each to done or failed there, with its receipt beside it."""
    labels = tuple(parse_label(label) for label in access)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    report = receipt_printer(as_json=as_json)
    with session.hub() as hub:
        inbox = Inbox(hub, folder, access=labels, settle_seconds=settle, report=report, stop=stop)
        if once:
            raise SystemExit(_tell(inbox.once()))
        inbox.watch(lambda problem: errors.print(problem, style="yellow", markup=False))


def _tell(summary: InboxSummary) -> int:
    """Say on standard error what was done and what is left, and return the exit code."""
    for problem in summary.problems:
        errors.print(problem, style="yellow", markup=False)
    counted = ", ".join(f"{number} {outcome}" for outcome, number in sorted(summary.outcomes.items())) or "no files"
    left = f"; {summary.waiting} not settled yet" if summary.waiting else ""
    left += f"; {summary.under_way} under way" if summary.under_way else ""
    errors.print(f"{counted}{left}.", markup=False)
    if summary.stopped_by is not None:
        tell(summary.stopped_by)
        return TRY_AGAIN_LATER
    return TROUBLED if summary.troubled else OK

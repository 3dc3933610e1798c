"""`ikhub ingest status | retry | reprocess` and `ikhub metrics`: what those who run the hub need from day to day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from app.cli.context import OK, TROUBLED, TRY_AGAIN_LATER, Session, errors, print_json, tell
from app.cli.ingest import finish_and_print, ingest
from holdings import arrivals, failed_arrivals
from holdings.errors import FileError
from holdings.model import Arrival, receipt_line
from holdings.texts import Read
from indexer.synchronise import synchronise
from ingest import delivery, reprocessing, work
from ingest.status import Status
from ingest.status import status as status_of


@ingest.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def status(session: Session, as_json: bool) -> None:
    """Show what waits, what failed and why, and what the hub cannot read here."""
    with session.hub() as hub:
        found = status_of(hub)
        with hub.catalogue.read() as read:
            failed = failed_arrivals.all_failed(read)
    if not as_json:
        _print_status(found, failed)
        return
    print_json(
        {
            "files": dict(found.files),
            "waiting": found.waiting,
            "oldest_waiting_seconds": found.oldest_waiting_seconds,
            "standing_by_code": dict(found.standing_by_code),
            "standing": [receipt_line(arrival) for arrival in failed],
            "documents": found.documents,
            "pages": found.pages,
            "pages_without_text": found.pages_without_text,
            "pages_awaiting_ocr": found.pages_awaiting_ocr,
            "documents_to_compare": found.documents_to_compare,
            "documents_to_index": found.documents_to_index,
            "ocr": found.ocr,
        }
    )


def _print_status(found: Status, failed: Sequence[Arrival]) -> None:
    files = ", ".join(f"{number} {outcome}" for outcome, number in sorted(found.files.items())) or "none yet"
    click.echo(f"Files      {files}")
    click.echo(f"Documents  {found.documents}, of {found.pages} pages, {found.pages_without_text} of them without text")
    waits = []
    if found.waiting:
        waits.append(f"{found.waiting} files to be read, the oldest for {found.oldest_waiting_seconds or 0:.0f} s")
    if found.pages_awaiting_ocr:
        waits.append(f"{found.pages_awaiting_ocr} pages to be recognised (OCR)")
    if found.documents_to_compare:
        waits.append(f"{found.documents_to_compare} documents to be compared with the others")
    if found.documents_to_index is None:
        waits.append("the search engine does not answer")
    elif found.documents_to_index:
        waits.append(f"{found.documents_to_index} documents to be indexed")
    click.echo(f"Waiting    {'; '.join(waits) or 'nothing'}")
    if found.pages_awaiting_ocr and found.ocr is None:
        click.echo(
            "           tesseract is not installed here, or not its languages: nobody reads the pictures of text."
        )
        click.echo("           On Debian: apt-get install tesseract-ocr tesseract-ocr-ind tesseract-ocr-eng")
    for arrival in failed:
        assert arrival.outcome is not None
        code = arrival.error.code if arrival.error else ""
        click.secho(f"{arrival.outcome.value:<9}  ", nl=False, fg="red")
        click.echo(f"{code:<20}  {arrival.path}")
    if failed:
        click.echo("`ikhub ingest retry` tries again what failed; docs/operating.md says what each code means.")


@ingest.command()
@click.argument("paths", nargs=-1)
@click.option("--code", "codes", multiple=True, metavar="CODE", help="Only what ended with this code; may be repeated.")
@click.option("--rejected", is_flag=True, help="Also what the hub would not read: a limit was raised, say.")
@click.option("--no-wait", is_flag=True, help="Return when it is recorded; `ingest run` or a worker reads it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file on standard output.")
@click.pass_obj
def retry(
    session: Session, paths: tuple[str, ...], codes: tuple[str, ...], rejected: bool, no_wait: bool, as_json: bool
) -> None:
    """Try again what failed: all of it, or only PATHS, as `ingest status` shows them."""
    with session.hub() as hub:
        ids, gone = reprocessing.retry(hub, codes=codes, rejected=rejected, paths=paths)
        for arrival in gone:
            errors.print(f"{arrival.path}: it is not there any more, and was never kept. Add it again.", markup=False)
        if no_wait:
            delivery.deliver(hub, ids)
            with hub.catalogue.read() as read:
                recorded = arrivals.get_many(read, ids)
            for arrival in recorded if as_json else ():
                print_json(receipt_line(arrival))
            errors.print(f"{len(ids)} files are recorded.")
            raise SystemExit(OK)
        code = finish_and_print(hub, len(ids), lambda report: delivery.finish(hub, ids, report=report), as_json=as_json)
    raise SystemExit(code)


@ingest.command()
@click.argument("document_ids", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Also what the present readers have read.")
@click.option("--describe", is_flag=True, help="Only infer anew what is known of them, from the text that is stored.")
@click.option("--max-seconds", type=click.FloatRange(min=0), help="Begin no further file after this time.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a document on standard output.")
@click.pass_obj
def reprocess(
    session: Session,
    document_ids: tuple[str, ...],
    every: bool,
    describe: bool,
    max_seconds: float | None,
    as_json: bool,
) -> None:
    """Read again what an older reader has read: all such documents, or only DOCUMENT_IDS."""
    troubled = 0

    def report(read: Read, trouble: FileError | None) -> None:
        nonlocal troubled
        troubled += trouble is not None
        error = {"code": trouble.code, "message": trouble.message, "advice": trouble.advice_given} if trouble else None
        if as_json:
            print_json({"document_id": read.document_id, "error": error})
        elif trouble is not None:
            errors.print(f"{read.document_id}: {trouble.message}. The text stays as it was.", markup=False)

    stopped_by = None
    with session.hub() as hub:
        reads = reprocessing.outdated(hub, document_ids or None, every=every or describe)
        if describe:
            for read in reads:
                reprocessing.describe_again(hub, read.document_id)
                report(read, None)
            synchronise(hub)
        else:
            stopped_by = work.reprocess(hub, reads, max_seconds=max_seconds, report=report).stopped_by
    errors.print(f"{len(reads)} documents{f', {troubled} with trouble' if troubled else ''}.", markup=False)
    if stopped_by is not None:
        tell(stopped_by)
        raise SystemExit(TRY_AGAIN_LATER)
    raise SystemExit(TROUBLED if troubled else OK)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=9464, show_default=True, help="Port to listen on.")
@click.option("--textfile", type=click.Path(path_type=Path), help="Write them to this file once, and end: for cron.")
@click.pass_obj
def metrics(session: Session, host: str, port: int, textfile: Path | None) -> None:
    """Serve figures for Prometheus at /metrics, or write them to a file for its node exporter.

    They count everything, whoever may read it: not for the public.
    """
    from app.metrics import serve_metrics, write_metrics

    with session.hub() as hub:
        if textfile is not None:
            write_metrics(hub, textfile)
        else:
            serve_metrics(hub, host, port)

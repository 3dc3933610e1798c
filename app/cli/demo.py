"""`ikhub demo`: the hub over the shipped samples, in a data folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

import app
from app.cli.context import Session, errors, tell
from desk import demonstration
from desk.demonstration import DemoPerson
from holdings.errors import ConfigurationError
from indexer.hub import initialise, open_hub
from ingest import work
from ingest.metadata import read_metadata

_DATA = Path("data-demo")


@click.command()
@click.option("--host", help="Address to listen on; else app.host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; else app.port.")
@click.option("--no-serve", is_flag=True, help="Ingest the samples and end.")
@click.pass_obj
def demo(session: Session, host: str | None, port: int | None, no_serve: bool) -> None:
    """Ingest the shipped samples into data-demo/ and serve them, embedded, with five people to sign in as."""
    settings = session.listening(host, port)
    data = settings.data if os.environ.get("IKHUB_DATA") else _DATA.absolute()
    settings = settings.model_copy(
        update={
            "holdings": settings.holdings.model_copy(update={"data": data, "database_url": ""}),
            "indexer": settings.indexer.model_copy(update={"engine": "embedded"}),
            "ingest": settings.ingest.model_copy(update={"broker_url": ""}),
        }
    )
    samples = samples_folder()
    initialise(settings)
    with open_hub(settings) as hub:
        errors.print(f"Reading the sample documents into {data} …", markup=False)
        metadata = read_metadata(samples / "metadata.csv", hub.vocabularies, settings.app.zone)
        files = [Path(location) for location in metadata.declared]
        read = work.finish(hub, work.receive(hub, files, metadata=metadata))
        kept = demonstration.stakeholders(hub, samples / "stakeholders")
        for summary in (read, kept):
            if summary.stopped_by is not None:
                tell(summary.stopped_by)
        outcomes = Counter(read.outcomes) + Counter(kept.outcomes)
        errors.print(", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items())), markup=False)
        _introduce(demonstration.people(hub))
    if not no_serve:
        with _worker(session, data):
            from app.server import serve

            serve(settings)


@contextmanager
def _worker(session: Session, data: Path) -> Iterator[None]:
    """Have the local worker read what is uploaded, for as long as the block lasts."""
    environment = {
        "IKHUB_DATA": str(data),
        "IKHUB_HOLDINGS__DATABASE_URL": "",
        "IKHUB_INDEXER__ENGINE": "embedded",
        "IKHUB_INGEST__BROKER_URL": "",
    }
    config = [] if session.config is None else ["--config", str(session.config)]
    command = [sys.executable, "-m", "app.cli", *config, "worker"]
    # Our own interpreter and program.
    worker = subprocess.Popen(command, env={**os.environ, **environment})
    here = os.getpid()
    try:
        yield
    finally:
        # The processes of the server are forked inside the block, and leave it too.
        if os.getpid() == here:
            worker.terminate()
            worker.wait()


def _introduce(people: list[DemoPerson]) -> None:
    """Tell of the people of the demonstration: their passwords are shown here alone."""
    errors.print("People to sign in as; the passwords are made anew at each start, and shown only here:", markup=False)
    for person in people:
        place = person.organisation or "the hub"
        click.echo(f"  {person.email:<26} {person.password:<18} {person.name}, {person.role} of {place}", err=True)


def samples_folder() -> Path:
    """Return where the samples stand: beside the packages in a checkout, inside the package `app` in a wheel."""
    package = Path(app.__file__).parent
    for folder in (package / "samples", package.parent / "samples"):
        if (folder / "metadata.csv").is_file():
            return folder
    raise ConfigurationError("The samples are not part of this installation", advice="Run the demo from a checkout.")

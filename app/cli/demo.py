"""`ikhub demo`: the hub over the shipped samples, in a data folder of its own."""

from __future__ import annotations

import os
from pathlib import Path

import click

import app
from app.cli.context import Session, errors, tell
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
    """Ingest the shipped samples into data-demo/ and serve them, on the embedded engine."""
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
        metadata = read_metadata(samples / "metadata.csv", hub.vocabularies)
        files = [Path(location) for location in metadata.declared]
        errors.print(f"Reading {len(files)} sample documents into {data} …", markup=False)
        summary = work.finish(hub, work.receive(hub, files, metadata=metadata))
        if summary.stopped_by is not None:
            tell(summary.stopped_by)
        errors.print(
            ", ".join(f"{number} {outcome}" for outcome, number in sorted(summary.outcomes.items())), markup=False
        )
    if not no_serve:
        from app.server import serve

        serve(settings)


def samples_folder() -> Path:
    """Return where the samples stand: beside the packages in a checkout, inside the package `app` in a wheel."""
    package = Path(app.__file__).parent
    for folder in (package / "samples", package.parent / "samples"):
        if (folder / "metadata.csv").is_file():
            return folder
    raise ConfigurationError("The samples are not part of this installation", advice="Run the demo from a checkout.")

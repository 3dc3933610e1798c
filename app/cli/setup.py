"""`ikhub init` and `ikhub serve`."""

from __future__ import annotations

import click

from app.cli.context import Session, errors
from holdings.settings import DEFAULT_FILE, configuration_text
from indexer.hub import initialise


@click.command()
@click.pass_obj
def init(session: Session) -> None:
    """Create or upgrade the catalogue in the data folder, and config.yaml where there is none. Deletes nothing."""
    settings = session.settings
    initialise(settings)
    if not session.has_file and not DEFAULT_FILE.exists():
        DEFAULT_FILE.write_text(configuration_text(), encoding="utf-8")
        errors.print(f"Wrote {DEFAULT_FILE}: every setting, at its default.", markup=False)
    errors.print(f"The catalogue in {settings.data} is ready.", markup=False)


@click.command()
@click.option("--host", help="Address to listen on; else app.host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; else app.port.")
@click.pass_obj
def serve(session: Session, host: str | None, port: int | None) -> None:
    """Serve the site and the API until stopped."""
    from app.server import serve as serve_site

    serve_site(session.listening(host, port))

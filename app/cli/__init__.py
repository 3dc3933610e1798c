"""The command `ikhub`: each command is a few lines that call a library function."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import click

from app.cli.accounts import account
from app.cli.alerts import alerts
from app.cli.audit import audit
from app.cli.backup import backup, restore
from app.cli.context import HubGroup, Session
from app.cli.demo import demo
from app.cli.documents import document
from app.cli.duplicates import duplicates
from app.cli.harvest import harvest
from app.cli.inbox import watch
from app.cli.index import index
from app.cli.ingest import ingest, worker
from app.cli.operating import metrics
from app.cli.organisations import organisation
from app.cli.search import search
from app.cli.setup import init, serve


@click.group(cls=HubGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--config", type=click.Path(path_type=Path), help="Configuration file; else IKHUB_CONFIG, else config.yaml."
)
@click.option("-v", "--verbose", is_flag=True, help="Write what is being done to standard error.")
@click.version_option(version("ikhub"), prog_name="ikhub")
@click.pass_context
def main(context: click.Context, config: Path | None, verbose: bool) -> None:
    """I-KHub: the Indonesia Knowledge Hub on countering terrorism and violent extremism."""
    context.obj = Session(config, verbose)


for command in (harvest, watch):
    ingest.add_command(command)
for command in (
    init,
    account,
    ingest,
    worker,
    document,
    duplicates,
    organisation,
    index,
    search,
    serve,
    metrics,
    alerts,
    audit,
    backup,
    restore,
    demo,
):
    main.add_command(command)

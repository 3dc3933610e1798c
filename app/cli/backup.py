"""`ikhub backup` and `ikhub restore`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.context import OK, TROUBLED, Session, errors, print_json
from holdings.audit import COMMAND_LINE
from holdings.backup import making, restoring
from holdings.backup.manifest import BackupManifest


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--check", is_flag=True, help="Make none: read the one that is there to its end.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def backup(session: Session, folder: Path, check: bool, as_json: bool) -> None:
    """Bring FOLDER to what the hub holds now: catalogue, originals, texts and secret key. The hub stays in use.

    What FOLDER has of a former backup is not copied again. Who can read FOLDER can read all documents, and sign in as
    anybody: keep it as you keep the hub.
    """
    if check:
        _check(folder, as_json=as_json)
    with session.hub() as hub, _bar("Copying files") as progress:
        report = making.back_up(hub.settings, hub.catalogue, folder, by=COMMAND_LINE, progress=progress)
    made = report.manifest
    if as_json:
        print_json({"copied": report.copied, "kept": report.kept, **_object(made)})
    else:
        click.echo(f"{_described(made)}: {report.copied} files were copied, {report.kept} were there already.")
        if made.secret_key is None:
            click.echo("The secret key is not in it: it stands in the environment. Keep it elsewhere.")
        for place in made.lacking:
            errors.print(f"{place} is missing from the data folder, or damaged there.", style="red", markup=False)
    raise SystemExit(TROUBLED if made.lacking else OK)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--despite-damage", is_flag=True, help="Leave out originals and texts that are damaged.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def restore(session: Session, folder: Path, despite_damage: bool, as_json: bool) -> None:
    """Restore the backup in FOLDER into an empty data folder and an empty database. Nothing is ever overwritten."""
    settings = session.settings
    with _bar("Restoring files") as progress:
        report = restoring.restore(settings, folder, despite_damage=despite_damage, progress=progress)
    made, broken = report.manifest, report.verification.broken
    if as_json:
        print_json({"damaged": report.damaged, "audit_broken": broken.message if broken else None, **_object(made)})
    else:
        click.echo(f"{_described(made)} is restored into {settings.data}.")
        for place in report.damaged:
            errors.print(f"{place} is damaged or missing in the backup, and left out.", style="red", markup=False)
        if broken is not None:
            errors.print(f"The audit log does not fit. {broken.message}.", style="red", markup=False)
        click.echo("Now run `ikhub index rebuild`. Everybody has to sign in again; letters that waited are held back.")
        click.echo("What was changed later is not in it: look at suspended people and revoked tokens.")
    raise SystemExit(TROUBLED if report.damaged or broken else OK)


def _check(folder: Path, *, as_json: bool) -> None:
    with _bar("Reading files") as progress:
        made, damaged = restoring.check(folder, progress=progress)
    if as_json:
        print_json({"damaged": damaged, **_object(made)})
    else:
        for name in damaged:
            click.echo(f"{name} is damaged or missing.")
        click.echo(f"{_described(made)}: {f'{len(damaged)} files are damaged' if damaged else 'all of it is whole'}.")
    raise SystemExit(TROUBLED if damaged else OK)


def _described(made: BackupManifest) -> str:
    return f"The backup of {made.made_at} ({made.documents} documents, {made.files} files, {made.bytes / 1e6:.1f} MB)"


def _object(made: BackupManifest) -> dict[str, object]:
    return {name: value for name, value in asdict(made).items() if name not in {"checksums", "catalogue", "contents"}}


@contextmanager
def _bar(title: str) -> Iterator[making.Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(title)
        yield lambda done, total: bar.update(task, completed=done, total=total)

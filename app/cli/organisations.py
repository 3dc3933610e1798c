"""`ikhub organisation list | show | import | rename | merge`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from app.cli.context import OK, TROUBLED, Session, confirm, errors, print_json
from desk import organisations as desk
from desk.organisation_file import RowOutcome, import_organisations
from holdings import organisations
from holdings.audit import COMMAND_LINE
from holdings.errors import UsageError
from holdings.foreseen import Foreseen
from holdings.model import Organisation
from indexer.synchronise import synchronise


@click.group()
def organisation() -> None:
    """Organisations: look at them, import them, rename and merge them."""


@organisation.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an organisation on standard output.")
@click.pass_obj
def list_organisations(session: Session, as_json: bool) -> None:
    """Show all organisations, with what the space of each holds."""
    with session.hub() as hub, hub.catalogue.read() as read:
        usage = organisations.usage(read)
        for one in organisations.all_organisations(read).values():
            used = usage.get(one.id, organisations.Usage())
            if as_json:
                print_json({**asdict(one), "documents": used.documents, "bytes": used.bytes})
            else:
                click.echo(f"{one.id:<30}  {one.group or '':<16}  {used.documents:>7}  {one.label('id')}")


@organisation.command()
@click.argument("organisation_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def show(session: Session, organisation_id: str, as_json: bool) -> None:
    """Show an organisation, by its present id or a former one."""
    with session.hub() as hub, hub.catalogue.read() as read:
        present = organisations.resolve(read, organisation_id)
        found, used = organisations.get(read, present), organisations.usage(read).get(present, organisations.Usage())
        former = sorted(old for old, new in organisations.former_ids(read).items() if new == present)
    shown = {**asdict(found), "former_ids": former, "documents": used.documents, "bytes": used.bytes}
    if as_json:
        print_json(shown)
        return
    for name, value in shown.items():
        text = ", ".join(value) if isinstance(value, list) else value
        if text not in {None, ""}:
            click.echo(f"{name:<15}  {text}")


@organisation.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row on standard output.")
@click.pass_obj
def import_file(session: Session, file: Path, as_json: bool) -> None:
    """Add and change organisations as a CSV file says.

    Columns: id, name_id, name_en, acronym, group, description_id, description_en, website, quota_mb; only name_id is
    needed. An empty cell changes nothing. A row that cannot be taken stops only itself.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"The file {file} cannot be opened: {error.strerror}") from error
    with session.hub() as hub:
        reports = import_organisations(hub, content, file=f"The file {file}", by=COMMAND_LINE)
        synchronise(hub)
    for report in reports:
        if as_json:
            row = {"line": report.line, "outcome": report.outcome.value, "id": report.organisation_id}
            print_json({**row, "error": report.message or None})
        elif report.outcome is RowOutcome.LEFT_OUT:
            errors.print(f"{file}, line {report.line}: {report.message}", style="yellow", markup=False)
    counted = {outcome: sum(report.outcome is outcome for report in reports) for outcome in RowOutcome}
    errors.print(", ".join(f"{number} {outcome}" for outcome, number in counted.items() if number) or "no rows")
    raise SystemExit(TROUBLED if counted[RowOutcome.LEFT_OUT] else OK)


@organisation.command()
@click.argument("organisation_id", metavar="ID")
@click.option("--name-id", help="The name in Indonesian; as it is where not given.")
@click.option("--name-en", help="The name in English; as it is where not given.")
@click.option("--acronym", help="The acronym; empty for none; as it is where not given.")
@click.option("--new-id", metavar="ID", help="Another id, which is the access label as well; the former leads on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def rename(
    session: Session,
    organisation_id: str,
    name_id: str | None,
    name_en: str | None,
    acronym: str | None,
    new_id: str | None,
    as_json: bool,
) -> None:
    """Give an organisation another name, and another id where one is given. Who may read what stays the same."""
    if not any(value is not None for value in (name_id, name_en, acronym, new_id)):
        raise UsageError("Nothing was given that changes", advice="Give --name-id, --name-en, --acronym or --new-id.")
    with session.hub() as hub:
        with hub.catalogue.read() as read:
            before = organisations.get(read, organisation_id)
        renamed = desk.rename(
            hub,
            organisation_id,
            name_id=before.name_id if name_id is None else name_id,
            name_en=before.name_en if name_en is None else name_en,
            acronym=before.acronym if acronym is None else acronym or None,
            new_id=new_id,
            by=COMMAND_LINE,
            edition=organisations.edition_of(before),
        )
        synchronise(hub)
    if as_json:
        print_json(asdict(renamed))
    else:
        click.echo(f"{organisation_id} is now {renamed.id}: {renamed.label('id')}")


@organisation.command()
@click.argument("joining", metavar="A")
@click.argument("staying", metavar="B")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def merge(session: Session, joining: str, staying: str, yes: bool, as_json: bool) -> None:
    """Merge A into B: all that is A's becomes B's, and A's id leads on. Says first what changes for readers."""
    with session.hub() as hub:
        with hub.catalogue.read() as read:
            first, second = organisations.get(read, joining), organisations.get(read, staying)
        foreseen = desk.foresee(hub, joining, staying)
        for line in _foreseen_lines(first, second, foreseen):
            click.echo(line, err=as_json)
        confirm("Merge them?", yes=yes, aside=as_json)
        desk.merge(hub, joining, staying, by=COMMAND_LINE, edition=foreseen.edition)
        synchronise(hub)
    if as_json:
        print_json({"merged": joining, "into": staying, **asdict(foreseen)})


def _foreseen_lines(joining: Organisation, staying: Organisation, foreseen: Foreseen) -> list[str]:
    first, second = joining.label("id"), staying.label("id")
    return [
        f"{first} [{joining.id}] becomes part of {second} [{staying.id}]; {joining.id} leads on to it.",
        f"Members of {staying.id} will read {foreseen.read_anew} documents that they cannot read now.",
        f"Members of {joining.id} will read {foreseen.read_anew_by_joining} documents that they cannot read now.",
        f"At the desk, contributors and editors of {staying.id} will see {foreseen.worked_on_anew} documents that are "
        f"not published, those of {joining.id} {foreseen.worked_on_anew_by_joining}.",
        f"{foreseen.issued} documents have {joining.id} as issuer, {foreseen.kept} are in its space.",
        f"{foreseen.members} members come over; {foreseen.members_of_both} of them are in both, and "
        f"{foreseen.roles_raised} of these get the higher role that they had in {joining.id}.",
        f"{foreseen.invitations} open invitations and {foreseen.uploads} unfinished uploads come over.",
    ]

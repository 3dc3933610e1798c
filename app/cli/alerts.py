"""`ikhub alerts send`."""

from __future__ import annotations

import click

from app.cli.context import OK, TROUBLED, TRY_AGAIN_LATER, Session, errors, print_json, tell
from desk.chores import Round, make_round
from desk.sending import is_configured


@click.group()
def alerts() -> None:
    """Tell people of what is new."""


@alerts.command()
@click.option("--max-seconds", type=click.FloatRange(min=0), help="Begin no further search or letter after this time.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def send(session: Session, max_seconds: float | None, as_json: bool) -> None:
    """Write the alerts that are due, and send the letters that wait: what cron calls."""
    with session.hub() as hub:
        done = make_round(hub, max_seconds)
        has_server = is_configured(hub)
    if as_json:
        print_json(_object(done))
    else:
        _print(done)
    if not has_server and done.sent.waiting:
        errors.print("There is no mail server: letters wait until desk.mail.host names one.", markup=False)
    if done.stopped_by is not None:
        tell(done.stopped_by)
        raise SystemExit(TRY_AGAIN_LATER)
    raise SystemExit(TROUBLED if done.troubled else OK)


def _object(done: Round) -> dict[str, object]:
    written, sent = done.written, done.sent
    return {
        "searches": written.searches,
        "searches_failed": written.failed,
        "matches": written.matches,
        "alerts": written.letters,
        "sent": sent.sent,
        "put_off": sent.put_off,
        "refused": sent.refused,
        "unknown": sent.unknown,
        "withheld": sent.withheld,
        "waiting": sent.waiting,
        "stopped_by": done.stopped_by.code if done.stopped_by else None,
    }


def _print(done: Round) -> None:
    written, sent = done.written, done.sent
    click.echo(f"{written.searches} saved searches, {written.letters} alerts about {written.matches} documents.")
    parts = [f"{sent.sent} letters sent"]
    parts += [
        f"{number} {words}"
        for number, words in (
            (sent.put_off, "refused for now"),
            (sent.refused, "refused for good"),
            (sent.unknown, "of which nobody knows whether they went"),
            (sent.withheld, "withheld: not for their readers any more"),
            (sent.waiting, "waiting"),
        )
        if number
    ]
    click.echo(f"{'; '.join(parts)}.")

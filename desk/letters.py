"""Letters: rendered from `desk/texts/<kind>.<language>.txt` and put into the outbox, in the caller's transaction.

The first line of a text is the subject, then comes an empty line, then the letter: Jinja2 that refuses a value that it
was not given. `desk.sending` sends what is in the outbox.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from desk import addresses
from holdings import mails
from holdings.database import Session
from holdings.mails import Mail
from holdings.settings import Settings

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("id", "en")


def write(
    session: Session,
    settings: Settings,
    kind: str,
    *,
    address: str,
    language: str,
    account_id: str | None = None,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
    names: Collection[str] = (),
    **values: object,
) -> str | None:
    """Write a letter of this kind to this address and return its id; None where the key was used before.

    `key` says what the letter is about, so that nothing is told twice. `names` are the ids of the documents that it
    names: when the reader may no longer look at one of them by the time that it would be sent, it is not sent. `values`
    are what the text asks for; every text may use `hub_name`, `home` and `contact`. An empty address gets no letter.
    """
    if not address:
        return None
    subject, text = render(settings, kind, language, **values)
    now = datetime.now(UTC)
    mail = Mail(
        id=mails.new_id(),
        kind=kind,
        address=address,
        language=language,
        subject=subject,
        text=text,
        created_at=now,
        account_id=account_id,
        headers=headers or {},
        names=tuple(sorted(names)),
        due_at=now,
    )
    return mail.id if mails.put(session, mail, key) else None


def render(settings: Settings, kind: str, language: str, **values: object) -> tuple[str, str]:
    """Return the subject and the text of a letter. The subject is one line, whatever the values hold."""
    subject, text = _templates(kind, language)
    common = {
        "hub_name": hub_name(settings, language),
        "home": addresses.address(settings, "/", language),
        "contact": settings.app.contact.strip(),
    }
    given = {**common, **values}
    return " ".join(subject.render(given).split()), text.render(given).strip() + "\n"


def hub_name(settings: Settings, language: str) -> str:
    """Return what the hub is called in a language."""
    return settings.app.name_en if language == "en" else settings.app.name_id


def fragment(name: str, language: str, **values: object) -> str:
    """Return a piece of a letter, made from `desk/texts/<name>.<language>.txt`."""
    return _environment().get_template(f"{name}.{language}.txt").render(values).strip()


@cache
def _environment() -> Environment:
    # A letter is plain text: there is nothing to escape in it.
    return Environment(
        loader=FileSystemLoader(TEXTS),
        undefined=StrictUndefined,
        autoescape=select_autoescape((), default_for_string=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _templates(kind: str, language: str) -> tuple[Template, Template]:
    """Return what the subject and the text of a kind of letter are made from."""
    source = (TEXTS / f"{kind}.{language}.txt").read_text(encoding="utf-8")
    subject, _, text = source.partition("\n\n")
    foot = f'\n\n{{% include "_foot.{language}.txt" %}}'
    return _environment().from_string(subject), _environment().from_string(text.strip() + foot)

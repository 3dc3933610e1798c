"""What leaves the hub by itself: letters, alerts and private feeds."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Self
from unittest.mock import patch
from xml.etree import ElementTree

from desk import sending
from holdings.tables_desk import MailRow
from tests.access.asking import Answer, Look, require
from tests.access.paths_site import IN_ADDRESS
from tests.access.world import COMMON, Query

_ATOM = "{http://www.w3.org/2005/Atom}"


def written(look: Look) -> None:
    """Letters as they are written: each names only what its reader may know of then."""
    if look.turn is None or look.turn % 4 == 0:
        # Else with the next synchronising.
        look.stage.write_alerts()
    for kind, account_id, text in _new_letters(look):
        reader = next(one for one in look.stage.world.readers.values() if one.account_id == account_id)
        theirs = look.of(reader)
        may_show = theirs.readable if kind == "alert" else theirs.known
        theirs.look_through(Answer(0, (), text), f"a letter {kind}", may_show=may_show)


def sent(look: Look) -> None:
    """Letters as they are sent, perhaps long after they were written: most of the time the mail server is away."""
    if look.turn is not None and look.turn % 3:
        return
    sink = Sink()
    with patch("desk.sending.MailServer", lambda _settings: sink):
        sending.send_waiting(look.stage.hub)
    for message in sink.messages:
        name = str(message["To"]).partition("@")[0].rpartition("<")[2]
        theirs = look.of(look.stage.world.readers[name])
        theirs.look_through(Answer(0, (), message.as_string()), "a letter that is sent", may_show=theirs.known)


def feed(look: Look) -> None:
    """The private feed of a search: whoever has its address reads what its person may read now."""
    secret = look.stage.feeds.get(look.reader.name)
    if secret is None:
        return
    theirs = look.of(look.reader)
    answer = theirs.ask(f"/feeds/{secret}", may_show=theirs.readable)
    if not look.reader.is_active:
        require(answer.status == 404, f"the feed of {look.reader.name} answers {answer.status}")
        return
    if look.stage.engine.is_away:
        require(answer.status == 503, f"a feed answers {answer.status} without an engine")
        return
    require(answer.status == 200, f"the feed of {look.reader.name} answers {answer.status}")
    entries = ElementTree.fromstring(answer.text).findall(f"{_ATOM}entry")
    links = [link.get("href", "") for entry in entries for link in entry.findall(f"{_ATOM}link")]
    must, may = look.stage.world.found(Query(COMMON), theirs.viewer, theirs.now)
    shown = {found[1] for address in links if (found := IN_ADDRESS.search(address))}
    require(must <= shown <= may, f"the feed of {look.reader.name} shows {sorted(shown)}, not {sorted(must)}")
    require(len(must) <= len(entries) <= len(may), f"the feed of {look.reader.name} has {len(entries)} entries")


class Sink:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def connect(self) -> None:
        return

    def hand_over(self, message: EmailMessage) -> None:
        self.messages.append(message)


def _new_letters(look: Look) -> list[tuple[str, str, str]]:
    """Return kind, account and text of the letters that were written since this was asked last."""
    seen = look.stage.letters_seen
    with look.stage.hub.catalogue.read() as session:
        rows = [row for row in session.query(MailRow) if row.id not in seen]
    seen.update(row.id for row in rows)
    return [(row.kind, row.account_id or "", f"{row.subject}\n{row.text}\n{row.headers}") for row in rows]

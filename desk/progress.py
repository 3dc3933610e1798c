"""How far what a person sends has come, from its first byte to being found: for the pages, and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from desk.looking import may_look
from desk.upload_files import as_it_lies
from holdings import arrivals, documents, indexed, uploads
from holdings.accounts import Account
from holdings.database import Session
from holdings.errors import EngineUnavailableError, FileOutcome
from holdings.model import Arrival, Document, FailureReport
from holdings.states import State
from holdings.uploads import Upload
from indexer.hub import Hub

PAGE = 200
_UNREAD = frozenset({FileOutcome.FAILED, FileOutcome.REJECTED})


class Stage(StrEnum):
    """Where a file is on its way."""

    SENDING = "sending"
    """Bytes of it are still awaited."""
    WAITING = "waiting"
    """It is there, and waits for a worker."""
    READING = "reading"
    """A worker is at it, or was interrupted and tries again."""
    READ = "read"
    """The hub has read it, and made a draft of it."""
    UNPACKED = "unpacked"
    """It was an archive: what was in it goes its own way."""
    FAILED = "failed"
    """It could not be read."""
    PUBLISHED = "published"
    """Its document is published; searches find it when the index has followed."""
    FOUND = "found"
    """Its document is published, and searches find it."""
    GONE = "gone"
    """Its document was discarded, or is no longer one that the person may look at."""

    @property
    def is_under_way(self) -> bool:
        """Say whether the hub is at work on it."""
        return self in {Stage.WAITING, Stage.READING, Stage.PUBLISHED}


@dataclass(frozen=True, slots=True)
class Progress:
    """A file that was sent, or one that was in an archive that was sent, as far as it has come."""

    upload: Upload
    name: str
    stage: Stage
    document: Document | None = None
    media_type: str | None = None
    error: FailureReport | None = None
    members: tuple[Progress, ...] = ()

    @property
    def is_under_way(self) -> bool:
        return self.stage.is_under_way or any(member.is_under_way for member in self.members)


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """A page of what a person sent, and how many pages there are."""

    entries: tuple[Progress, ...]
    pages: int


def progress(hub: Hub, by: Account, *, page: int = 1, on_the_way: bool = False) -> ProgressPage:
    """Return how far the files have come that a person sent, without those that they gave up: what is still sent first,
    then the latest first.

    `on_the_way` leaves out what has become documents.
    """
    with hub.catalogue.read() as session:
        number = uploads.count(session, by.id, on_the_way=on_the_way)
        listed = uploads.listed(session, by.id, on_the_way=on_the_way, limit=PAGE, offset=(page - 1) * PAGE)
        shown = (entry for entry in _progress(hub, session, by, listed) if entry.stage is not Stage.GONE)
        return ProgressPage(tuple(shown), -(-number // PAGE))


def progress_of(hub: Hub, by: Account, upload: Upload) -> Progress:
    """Return how far an upload of a person's has come."""
    with hub.catalogue.read() as session:
        return _progress(hub, session, by, [upload])[0]


def _progress(hub: Hub, session: Session, by: Account, listed: list[Upload]) -> list[Progress]:
    latest = uploads.latest_arrivals(session, [u.arrival_id for u in listed if u.arrival_id is not None])
    members = arrivals.get_many(session, arrivals.members_of(session, list(latest.values())))
    known = {arrival.id: arrival for arrival in (*arrivals.get_many(session, list(latest.values())), *members)}
    made = [
        document
        for document in documents.get_many(session, [a.document_id for a in known.values() if a.document_id])
        if may_look(by, document)
    ]
    found = found_by_searches(hub, session, [document.id for document in made if document.state is State.PUBLISHED])
    view = _View({document.id: document for document in made}, found)
    result = []
    for upload in listed:
        arrival = known[latest[upload.arrival_id]] if upload.arrival_id is not None else None
        if arrival is None:
            result.append(Progress(as_it_lies(hub, upload), upload.name, Stage.SENDING))
        else:
            inside = [member for member in members if member.archive_id == arrival.id]
            result.append(view.of(upload, upload.name, arrival, inside))
    return result


@dataclass(frozen=True, slots=True)
class _View:
    documents: dict[str, Document]
    found: set[str]

    def of(self, upload: Upload, name: str, arrival: Arrival, inside: Iterable[Arrival] = ()) -> Progress:
        document = self.documents.get(arrival.document_id) if arrival.document_id is not None else None
        return Progress(
            upload=upload,
            name=name,
            stage=self._stage(arrival, document),
            document=document,
            media_type=arrival.media_type,
            error=arrival.error,
            members=tuple(self.of(upload, member.path.partition(arrivals.MEMBER)[2], member) for member in inside),
        )

    def _stage(self, arrival: Arrival, document: Document | None) -> Stage:
        if arrival.outcome is None:
            return Stage.READING if arrival.attempts else Stage.WAITING
        if arrival.outcome in _UNREAD:
            return Stage.FAILED
        if arrival.outcome is FileOutcome.UNPACKED:
            return Stage.UNPACKED
        if document is None:
            return Stage.GONE
        if document.state is not State.PUBLISHED:
            return Stage.READ
        return Stage.FOUND if document.id in self.found else Stage.PUBLISHED


def found_by_searches(hub: Hub, session: Session, document_ids: list[str]) -> set[str]:
    """Return those of which the live index has what the catalogue has; none while the engine does not answer."""
    if not document_ids:
        return set()
    try:
        live = hub.engine.live()
    except EngineUnavailableError:
        return set()
    return indexed.up_to_date(session, hub.engine.name, live.name, document_ids) if live is not None else set()

"""The review queue as somebody sees it, and what was done with a document, with the names of those who did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from desk.looking import is_privileged
from holdings import accounts, audit, documents, review_queue, reviews
from holdings.accounts import Account
from holdings.database import Session
from holdings.errors import UnknownIdError
from holdings.model import Document
from holdings.review_queue import QueueOrder, Waiting, Wanted
from holdings.reviews import Review
from holdings.workflow import Action
from indexer.hub import Hub

PAGE = 25


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A document of the queue, with who put it in; None where that was the command line."""

    document: Document
    waiting: Waiting
    contributor: Account | None


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue. `spaces` and `contributors` are what it can be restricted to."""

    total: int
    entries: tuple[QueueEntry, ...]
    spaces: tuple[str, ...]
    contributors: tuple[Account, ...]


def queue(hub: Hub, by: Account, wanted: Wanted, *, order: QueueOrder, page: int) -> Queue:
    """Return a page of the queue (from 1) for somebody whom it concerns; what is seen by privilege is put on record.

    Raises UnknownIdError for who could have nothing there, in whatever state.
    """
    if not review_queue.states(by):
        raise UnknownIdError("There is no such page")
    now = datetime.now(UTC)
    with hub.catalogue.read() as session:
        listed = review_queue.listed(session, by, wanted, now, order=order, limit=PAGE, offset=(page - 1) * PAGE)
        found = {d.id: d for d in documents.get_many(session, [waiting.document_id for waiting in listed])}
        people = accounts.get_many(session, [d.contributor_id for d in found.values() if d.contributor_id])
        contributors = accounts.get_many(session, review_queue.contributors(session, by, wanted.state))
        result = Queue(
            total=review_queue.count(session, by, wanted, now),
            entries=tuple(
                QueueEntry(found[w.document_id], w, people.get(found[w.document_id].contributor_id or ""))
                for w in listed
            ),
            spaces=tuple(review_queue.spaces(session, by, wanted.state)),
            contributors=tuple(sorted(contributors.values(), key=lambda account: (account.name, account.id))),
        )
    privileged = sorted(document.id for document in found.values() if is_privileged(by, document))
    if privileged:
        with hub.catalogue.write() as session:
            audit.append(session, by, "review.list", "queue", wanted.state.value, documents=privileged)
    return result


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done with a document. `name` is empty for the command line."""

    review: Review
    name: str


def history(hub: Hub, document_id: str) -> list[Happening]:
    """Return what was done with a document, oldest first, for who may look at it at the desk."""
    with hub.catalogue.read() as session:
        return _named(session, reviews.history(session, document_id))


def happened_since(hub: Hub, document_id: str, edition: str) -> Happening | None:
    """Return the step that somebody took on this edition of a document; None where it was changed otherwise.

    For who was told that the document was changed meanwhile, and nobody else.
    """
    with hub.catalogue.read() as session:
        steps = [r for r in reviews.since(session, document_id, edition) if r.action is not Action.COMMENT]
        return next(iter(_named(session, steps[:1])), None)


def _named(session: Session, done: list[Review]) -> list[Happening]:
    people = accounts.get_many(session, [review.account_id for review in done if review.account_id])
    names = {account.id: account.name for account in people.values()}
    return [Happening(review, names.get(review.account_id or "", "")) for review in done]

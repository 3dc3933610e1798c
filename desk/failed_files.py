"""Files that did not get into the hub, as administrators see them: with their receipts, and tried again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from holdings import accounts, arrivals, audit, failed_arrivals
from holdings.accounts import Account
from holdings.errors import UnknownIdError
from holdings.model import Arrival
from indexer.hub import Hub
from ingest import reprocessing
from ingest.delivery import hand_over


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that failed or was rejected, who put it in (None where nobody did by hand), and whether its
    bytes are there to be tried again."""

    arrival: Arrival
    uploader: Account | None
    can_be_read: bool


def listed(hub: Hub, *, code: str = "", limit: int, offset: int = 0) -> list[FailedFile]:
    """Return files that failed or were rejected and whose place has received nothing since, the newest first."""
    with hub.catalogue.read() as session:
        found = failed_arrivals.newest(session, code, limit=limit, offset=offset)
        people = accounts.get_many(session, [one.declared.contributor or "" for one in found])
        readable = reprocessing.still_there(hub, session, found)
    return [
        FailedFile(
            one,
            people.get(one.declared.contributor or ""),
            one.id in readable and not one.location.startswith(("http:", "https:")),
        )
        for one in found
    ]


def look(hub: Hub, by: Account, arrival_id: int) -> Arrival:
    """Return a file that failed or was rejected, also one that was tried again since. Raises UnknownIdError.

    That an administrator looked at what a contributor sent is on record.
    """
    with hub.catalogue.write() as session:
        found = arrivals.get_many(session, [arrival_id])
        if not found or found[0].outcome not in failed_arrivals.OUTCOMES:
            raise UnknownIdError("There is no such file that failed")
        if found[0].declared.contributor is not None:
            audit.append(session, by, "file.look", "arrival", str(arrival_id))
        return found[0]


def retry(hub: Hub, by: Account, arrival_ids: Collection[int]) -> tuple[int, int]:
    """Have the workers try these files again. Return how many that are, and how many cannot be read any more.

    Nothing is read here. Raises UnknownIdError for a file that is not among those that failed.
    """
    with hub.catalogue.write() as session:
        asked = sorted(set(arrival_ids))
        found = failed_arrivals.among(session, asked)
        if len(found) != len(asked):
            raise UnknownIdError("One of these files was tried again meanwhile")
        again, gone = reprocessing.receive_again(hub, session, found)
        kept = [one.id for one in arrivals.get_many(session, again) if not one.location.startswith("/") or one.sha256]
        for one in found:
            audit.append(session, by, "file.retry", "arrival", str(one.id), code=one.error.code if one.error else None)
    # What lies elsewhere on this machine is read by `ikhub ingest run` here: a worker may be on another.
    hand_over(hub, kept)
    return len(again), len(gone)

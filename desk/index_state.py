"""How the index stands, as administrators see it, and asking the workers to bring it up to date."""

from __future__ import annotations

from dataclasses import dataclass

from holdings import audit, documents, indexed
from holdings.accounts import Account
from holdings.errors import TryAgainLaterError
from indexer.hub import Hub
from indexer.schema import index_version
from ingest.delivery import have_index_follow

_MOST_UNSETTLED = 10_000


@dataclass(frozen=True, slots=True)
class IndexState:
    """How the index stands. `generation` is None where there is none; `trouble` says why nothing more is known.

    `published` is what it should hold, `pending` what it has not as the catalogue has it, `unsettled` the records whose
    access changed since and which no search gives meanwhile, `refused` why the engine would not take some, by id.
    """

    engine: str
    published: int
    has_workers: bool
    generation: str | None = None
    is_current: bool = False
    pending: int = 0
    unsettled: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    trouble: str | None = None


def state(hub: Hub) -> IndexState:
    """Return how the index stands."""
    name, has_workers = hub.engine.name, bool(hub.settings.ingest.broker_url)
    with hub.catalogue.read() as session:
        published = documents.count(session)
    try:
        live = hub.engine.live()
    except TryAgainLaterError as error:
        return IndexState(name, published, has_workers, trouble=error.code)
    if live is None:
        return IndexState(name, published, has_workers, pending=published)
    with hub.catalogue.read() as session:
        refused = [(one.record_id, one.refused) for one in indexed.remembered(session, name, live.name) if one.refused]
        return IndexState(
            name,
            published,
            has_workers,
            generation=live.name,
            is_current=live.version == index_version(hub.analyzer.version),
            pending=indexed.count_pending(session, name, live.name),
            unsettled=len(indexed.unsettled(session, name, limit=_MOST_UNSETTLED)),
            refused=tuple(refused),
        )


def ask_for_synchronising(hub: Hub, by: Account) -> None:
    """Have a worker bring the index up to date, where there is a broker that tells them."""
    with hub.catalogue.write() as session:
        audit.append(session, by, "index.synchronise", "index", hub.engine.name)
    have_index_follow(hub)

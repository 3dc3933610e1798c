"""What access costs a search: labels of the viewer beside no filter at all, and changes that the index lags behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from types import ModuleType
from typing import Any

from sqlalchemy import insert, update

from benchmarks.corpora import ORGANISATION_LABELS, QUERIES, made_id
from benchmarks.measuring import Figure, in_turn
from holdings import indexed
from holdings.access import Viewer
from holdings.portions import portions
from holdings.tables import IndexedRow, RecordRow
from indexer import discover as searching
from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import SearchRequest
from indexer.supersession import MOST_UNSETTLED

_LABELS = (1, ORGANISATION_LABELS + 1)
_CHANGED = (0, 10, 1_000)
_LOOK_UPS = 30


def labels_figures(hub: Hub, corpus: str, rounds: int) -> list[Figure]:
    """Return p50 and p95 of a search as one with 1 and with 500 labels, each beside the same search without a filter,
    in turn. No real document has any of the 499 labels of organisations, among the made ones each is on some."""
    figures = []
    group = f"access, {hub.engine.name}, {corpus}"
    for number in _LABELS:
        viewer = Viewer.of(*(f"org:org-{n}" for n in range(number - 1)))
        searches = [partial(discover, hub, SearchRequest(query=query, viewer=viewer)) for query in QUERIES]
        pairs = [(search, partial(_without, searching, "search_filter", _no_filter, search)) for search in searches]
        ours, bare = in_turn(pairs, rounds)
        what = f"search with {number} label{'s' if number > 1 else ''}"
        figures += [
            Figure(group, f"{what}, p50", ours.p50, "ms", "without any filter", bare.p50),
            Figure(group, f"{what}, p95", ours.p95, "ms", "without any filter", bare.p95),
        ]
    return figures


def unsettled_figures(hub: Hub, made: int, rounds: int) -> list[Figure]:
    """Return what it costs to look up which of the made documents changed, and a search that leaves those out."""
    _record(hub, made)
    group = f"access, {hub.engine.name}, {made:,} made, index behind"
    figures = []
    searches = [partial(discover, hub, SearchRequest(query=query)) for query in QUERIES]
    in_step = [partial(_without, indexed, "unsettled", _none, search) for search in searches]
    for number in _CHANGED:
        _change(hub, number)
        found = _look_up(hub)
        assert found == number, found
        looked_up, _ = in_turn([(partial(_look_up, hub), int)] * _LOOK_UPS, rounds)
        ours, bare = in_turn(list(zip(searches, in_step, strict=True)), rounds)
        figures += [
            Figure(group, f"look-up with {number:,} changed, p50", looked_up.p50, "ms"),
            Figure(group, f"search with {number:,} changed, p50", ours.p50, "ms", "without the look-up", bare.p50),
        ]
    return figures


def _record(hub: Hub, made: int) -> None:
    """Put the made documents into the catalogue as far as the look-up goes: the index has them as they are there."""
    now, live = datetime.now(UTC), hub.engine.live()
    assert live is not None
    both = {"revision": 1, "access_revision": 1}
    record = {"record_type": "document", "created_at": now, "updated_at": now, "state": "published", **both}
    with hub.catalogue.write() as session:
        # They may be there from the other engine, changed.
        is_recorded = session.get(RecordRow, made_id(0)) is not None
        session.execute(update(RecordRow).values(access_revision=1, access_unsettled=False))
        for some in portions(range(made)):
            ids = [made_id(count) for count in some]
            if not is_recorded:
                session.execute(RecordRow.__table__.insert(), [{"id": one, **record} for one in ids])  # type: ignore[attr-defined]
            place = {"engine": hub.engine.name, "generation": live.name, **both}
            session.execute(insert(IndexedRow), [{"record_id": one, **place} for one in ids])


def _change(hub: Hub, number: int) -> None:
    with hub.catalogue.write() as session:
        for some in portions(range(number)):
            changed = update(RecordRow).where(RecordRow.id.in_([made_id(count) for count in some]))
            session.execute(changed.values(access_revision=2, access_unsettled=True))


def _look_up(hub: Hub) -> int:
    with hub.catalogue.read() as session:
        return len(indexed.unsettled(session, hub.engine.name, limit=MOST_UNSETTLED))


def _without(module: ModuleType, name: str, instead: Any, search: Callable[[], object]) -> object:
    """Return what a search gives with something of a module put aside: by hand, so that it costs nothing."""
    kept = getattr(module, name)
    setattr(module, name, instead)
    try:
        return search()
    finally:
        setattr(module, name, kept)


def _no_filter(_hub: Hub, _viewer: Viewer) -> dict[str, Any]:
    return {"match_all": {}}


def _none(*_: object, **__: object) -> list[str]:
    return []

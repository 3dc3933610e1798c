"""What is in a hub when all is done, without what is drawn by lot or by the clock: two runs can be compared by it."""

from __future__ import annotations

from collections.abc import Sequence

from holdings import arrivals, documents, relations
from holdings.errors import FileOutcome
from holdings.model import Arrival
from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import SearchRequest
from indexer.synchronise import check
from ingest import duplicates

State = dict[str, object]
QUERIES = ("", "laporan", "terorisme", "kedua")


def end_state(hub: Hub, queries: Sequence[str] = QUERIES) -> State:
    """Return the state: the same for the same files, whatever was killed on the way and whoever came first."""
    with hub.catalogue.read() as session:
        waiting = arrivals.unfinished(session)
        receipts = [a for a in arrivals.get_many(session, arrivals.all_ids(session)) if a.outcome is not None]
        found = {a.path: documents.get(session, a.document_id) for a in receipts if a.document_id}
        total = documents.count(session)
        uncompared = duplicates.untriaged(session)
        by_id = {d.id: d for d in found.values()}
        related = [(r.relation, r.document_id, r.other_id) for r in relations.all_relations(session)]
    return {
        "waiting": waiting,
        "uncompared": uncompared,
        # Which of two copies came first is a matter of which was read faster.
        "outcomes": sorted(
            "in the hub" if a.outcome in (FileOutcome.INGESTED, FileOutcome.DUPLICATE) else _trouble(a)
            for a in receipts
            if a.outcome is not FileOutcome.UNCHANGED
        ),
        "titles": sorted(d.title for d in found.values()),
        "statements": sorted(str(sorted(map(str, d.statements))) for d in by_id.values()),
        "documents": total,
        "files": sorted(str(sorted(file.sha256 for file in d.files)) for d in by_id.values()),
        "texts": sorted(page.text for d in by_id.values() for page in hub.files.pages(d.text.sha256)),
        "by_ocr": sum(d.text.pages_by_ocr for d in by_id.values()),
        "awaiting_ocr": sum(len(d.text.scans) for d in by_id.values()),
        # By what the documents say: their ids are drawn by lot, and of copies either may be the newer.
        "relations": sorted(
            str((relation, sorted((by_id[one].text.sha256, by_id[other].text.sha256))))
            for relation, one, other in related
        ),
        "found": {query: discover(hub, SearchRequest(query=query)).total for query in queries},
        "differences": list(check(hub)),
    }


def _trouble(arrival: Arrival) -> str:
    return f"{arrival.path} {arrival.outcome} {arrival.error.code if arrival.error else ''}"

"""What a document has to do with others, as one may see it who may read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from holdings import documents, relations, versions
from holdings.access import Viewer, may_read
from holdings.model import Document, DocumentField, Source
from holdings.relations import RelatedPair, Relation, RelationStatus
from indexer.hub import Hub


class Direction(StrEnum):
    """TO: the document seen from is the newer version, the excerpt or the translation of the other. FROM: the other is
    that of it. BOTH: either may be said of either."""

    TO = "to"
    FROM = "from"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Related:
    """Another document, and what the one it is seen from has to do with it.

    `source` is who says so: the hub, or a person who confirmed it. `shared` is the share of common passages, from 0 to
    1, where it is known; `pages` has the pages where they stand: of the document seen from, then of the other.
    """

    document: Document
    relation: Relation
    direction: Direction
    source: Source
    shared: float | None = None
    pages: tuple[tuple[int, int], ...] = ()

    @property
    def is_newer(self) -> bool:
        """Say whether the other takes the place of the one it is seen from."""
        return self.relation is Relation.NEW_VERSION and self.direction is Direction.FROM


@dataclass(frozen=True, slots=True)
class Place:
    """Which of the versions of a work a document is, of those that one may read, as persons confirmed them.

    `newest` is the last of those that supersede it, None where there is none.
    """

    number: int = 1
    of: int = 1
    newest: Document | None = None

    @property
    def newest_as_related(self) -> Related | None:
        if self.newest is None:
            return None
        return Related(self.newest, Relation.NEW_VERSION, Direction.FROM, Source.DECLARED)


_TOLD = frozenset({RelationStatus.FOUND, RelationStatus.CONFIRMED})
_ALIKE = frozenset({Relation.IDENTICAL, Relation.RELATED})
_ORDER = list(Relation)


def related(hub: Hub, document_id: str, viewer: Viewer | None) -> list[Related]:
    """Return what a document has to do with others that `viewer` may read; without a viewer, with all.

    Closest first. What was rejected, what was not compared yet and what was removed is left out.
    """
    with hub.catalogue.read() as session:
        pairs = [
            pair
            for pair in relations.of_document(session, document_id)
            if pair.status in _TOLD and pair.relation is not Relation.NONE
        ]
        others = documents.get_many(session, [_other(pair, document_id) for pair in pairs])
    now = datetime.now(UTC)
    readable = {other.id: other for other in others if viewer is None or may_read(other.access, viewer, now)}
    found = [
        _seen(pair, document_id, other)
        for pair in pairs
        if (other := readable.get(_other(pair, document_id))) is not None
    ]
    return sorted(found, key=lambda r: (_ORDER.index(r.relation), not r.is_newer, -(r.shared or 0), r.document.id))


def newest(found: list[Related]) -> Related | None:
    """Return, of the newer versions among these, the one of the latest date, None where there is none."""
    newer = [other for other in found if other.is_newer]
    return max(newer, key=lambda r: (r.document.value(DocumentField.DATE) or "", r.document.created_at), default=None)


def place_among_versions(hub: Hub, document: Document, viewer: Viewer) -> Place:
    """Return which version a document is among those that `viewer` may read, itself counted in any case."""
    with hub.catalogue.read() as session:
        older = versions.superseded(session, [document.id]) - {document.id}
        ahead = versions.newer(session, [document.id]).get(document.id, set()) - {document.id}
        found = documents.get_many(session, sorted(older | ahead))
        behind = {one.id: len(versions.superseded(session, [one.id])) for one in found if one.id in ahead}
    now = datetime.now(UTC)
    readable = [other for other in found if other.removed_at is None and may_read(other.access, viewer, now)]
    newer = [other for other in readable if other.id in ahead]
    number = 1 + sum(other.id in older for other in readable)
    last = max(newer, key=lambda other: (behind[other.id], other.created_at), default=None)
    return Place(number, number + len(newer), last)


def _other(pair: RelatedPair, document_id: str) -> str:
    return pair.other_id if pair.document_id == document_id else pair.document_id


def _seen(pair: RelatedPair, document_id: str, other: Document) -> Related:
    outward = pair.document_id == document_id
    one_way = Direction.TO if outward else Direction.FROM
    return Related(
        document=other,
        relation=pair.relation,
        direction=Direction.BOTH if pair.relation in _ALIKE else one_way,
        source=Source.DECLARED if pair.status is RelationStatus.CONFIRMED else Source.INFERRED,
        shared=pair.shared,
        pages=pair.pages if outward else tuple((theirs, ours) for ours, theirs in pair.pages),
    )

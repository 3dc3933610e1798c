"""Triage: a document is compared with those that it could have to do with, and what it is to them is recorded.

    sketch → marks in the catalogue → candidates → compared exactly → relations

Each step may be done twice, and a process that dies leaves a document that `untriaged` names again. Of two documents
that are triaged at once, each puts its marks down before it looks for others: one of them sees the other. Triage sees
all documents; who may not read both is not told (`app.cli.duplicates`, the site).
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice

from holdings import documents, relations
from holdings.database import Session
from holdings.errors import UnknownIdError
from holdings.model import Document
from holdings.relations import RelatedPair, Relation, StoredSketch
from indexer.hub import Hub
from ingest.duplicates.anchors import Anchors, anchors_of
from ingest.duplicates.candidates import Candidates, candidates
from ingest.duplicates.classes import Described, class_of, is_later, is_translation
from ingest.duplicates.comparing import compare
from ingest.duplicates.sketches import TRIAGE_VERSION, Sketch, marks_from, sketch_of
from ingest.duplicates.translations import correspondence
from ingest.duplicates.words import Words, fold, words_of

log = logging.getLogger(__name__)

_WAIT_SECONDS = 120.0
# Spellings are kept up to so many words: some 60 bytes each.
_MAX_SPELLED = 400_000
_OPENING_PAGES = 3
# Pieces that were left in the language of the original; texts that share more are of one language, whatever it is.
_MOST_UNTRANSLATED = 0.5


def triage(hub: Hub, document_id: str) -> None:
    """Record what a document is to the others; done already for its present text, nothing happens.

    Raises LockedError when another process is at this document for too long, and InternalError when a text is damaged.
    """
    with hub.catalogue.locks.hold(f"triage-{document_id}", wait_seconds=_WAIT_SECONDS):
        with hub.catalogue.read() as session:
            document = _present(session, document_id)
            former = relations.sketch(session, document_id)
        if document is None:
            _forget(hub, document_id, former)
            return
        if former is not None and _is_current(former, document) and former.finished:
            return
        sketch = sketch_of(hub.files.pages(document.text.sha256))
        with hub.catalogue.write() as session:
            relations.put_sketch(
                session,
                document_id,
                _stored(document, sketch),
                sketch.marks.tolist(),
                former=marks_from(former.marks).tolist() if former is not None else [],
            )
        # A transaction of its own: of two documents at once, each must see the marks that the other has put down.
        with hub.catalogue.read() as session:
            known = relations.of_document(session, document_id)
            others = _worth_comparing(session, document, candidates(session, document_id, sketch), known)
        pairs = _compared(hub, document, sketch, others, known)
        with _alone_if(hub, bool(others)), hub.catalogue.write() as session:
            relations.record(session, document_id, pairs, compared=[other.id for other in others])
            relations.finish(session, document_id, document.text.sha256)
        for pair in pairs:
            log.info("%s: %s of %s, shared %.2f", pair.document_id, pair.relation.value, pair.other_id, pair.shared)


def untriaged(session: Session) -> list[str]:
    """Return the documents, not removed, whose present text has no finished triage of this version, oldest first."""
    return relations.untriaged(session, TRIAGE_VERSION)


@dataclass(slots=True)
class _Reading:
    """A document's text as it is compared; anchors are read when a translation is likely."""

    hub: Hub
    document: Document
    words: Words
    described: Described
    _anchors: Anchors | None = None

    @classmethod
    def of(cls, hub: Hub, document: Document, number_of_words: int) -> _Reading:
        sha256 = document.text.sha256
        words = words_of(hub.files.pages(sha256), spelled=number_of_words <= _MAX_SPELLED)
        opening = words.spelled
        if opening is None:
            opening = [w for page in islice(hub.files.pages(sha256), _OPENING_PAGES) for w in fold(page.text)]
        return cls(hub, document, words, Described.of(document, opening))

    @property
    def anchors(self) -> Anchors:
        if self._anchors is None:
            self._anchors = anchors_of(self.hub.files.pages(self.document.text.sha256))
        return self._anchors


def _worth_comparing(
    session: Session, document: Document, found: Candidates, known: list[RelatedPair]
) -> list[Document]:
    """Return the candidates and those that a document had to do with before, but for what a person settled."""
    settled = {_other(pair, document.id) for pair in known if pair.status.settled}
    again = {_other(pair, document.id) for pair in known} - settled
    by_passages = {*found.by_passages, *again} - settled
    others = documents.get_many(session, list(dict.fromkeys([*found.by_passages, *sorted(again), *found.by_anchors])))
    # Texts that share anchors alone are translations, or have nothing to do with each other.
    return [
        other
        for other in others
        if other.removed_at is None
        and other.id not in settled
        and (other.id in by_passages or other.language != document.language)
    ]


def _compared(
    hub: Hub, document: Document, sketch: Sketch, others: list[Document], known: list[RelatedPair]
) -> list[RelatedPair]:
    """Compare a document with others and return what it is to them, without those that it has nothing to do with."""
    if not others:
        return []
    expected = {_other(pair, document.id) for pair in known if pair.proposed}
    mine = _Reading.of(hub, document, sketch.words)
    with hub.catalogue.read() as session:
        sketches = relations.sketches(session, [other.id for other in others])
    pairs = []
    for other in others:
        words = sketches[other.id].words if other.id in sketches else _MAX_SPELLED + 1
        pair = _relation(mine, _Reading.of(hub, other, words), expected=other.id in expected)
        # One that took the other's place is kept even so, or it would be a candidate for ever.
        if pair.relation is not Relation.NONE or other.id in expected:
            pairs.append(pair)
    return pairs


def _relation(mine: _Reading, other: _Reading, *, expected: bool) -> RelatedPair:
    compared = compare(mine.words, other.words)
    relation = class_of(compared, mine.described, other.described, expected=expected)
    shared, pages = compared.shared, compared.pages
    if mine.document.text.sha256 == other.document.text.sha256:
        # Also where a text has too few words, or repeats itself too much, for passages to be told apart.
        relation, shared = Relation.IDENTICAL, 1.0
    apart = relation in {Relation.NONE, Relation.RELATED} and shared < _MOST_UNTRANSLATED
    if apart and mine.document.language != other.document.language:
        alike = correspondence(mine.anchors, other.anchors)
        characters = sorted((mine.document.text.characters, other.document.text.characters))
        if is_translation(alike, mine.described, other.described, length_ratio=characters[0] / max(characters[1], 1)):
            relation, shared, pages = Relation.TRANSLATION, alike.shared, alike.pages
    mine_first = is_later(
        relation, mine.described, other.described, mine_is_shorter=len(mine.words) <= len(other.words)
    )
    first, second = (mine, other) if mine_first else (other, mine)
    return RelatedPair(
        first.document.id,
        second.document.id,
        relation,
        shared=round(shared, 3),
        pages=pages if mine_first else tuple((theirs, ours) for ours, theirs in pages),
        proposed=expected,
    )


def _alone_if(hub: Hub, needed: bool) -> AbstractContextManager[None]:
    """Hold the lock of all relations: a pair has one, whichever of the two is triaged."""
    return hub.catalogue.locks.hold("relations", wait_seconds=_WAIT_SECONDS) if needed else nullcontext()


def _present(session: Session, document_id: str) -> Document | None:
    try:
        document = documents.get(session, document_id)
    except UnknownIdError:
        return None
    return document if document.removed_at is None else None


def _forget(hub: Hub, document_id: str, former: StoredSketch | None) -> None:
    if former is not None:
        with hub.catalogue.write() as session:
            relations.forget(session, document_id, marks_from(former.marks).tolist())


def _is_current(former: StoredSketch, document: Document) -> bool:
    return former.text_sha256 == document.text.sha256 and former.version == TRIAGE_VERSION


def _stored(document: Document, sketch: Sketch) -> StoredSketch:
    return StoredSketch(
        text_sha256=document.text.sha256,
        version=TRIAGE_VERSION,
        words=sketch.words,
        signature=sketch.signature.astype("<u4").tobytes(),
        marks=sketch.marks.astype("<i8").tobytes(),
        finished=False,
    )


def _other(pair: RelatedPair, document_id: str) -> str:
    return pair.other_id if pair.document_id == document_id else pair.document_id

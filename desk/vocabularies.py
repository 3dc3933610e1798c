"""Editing the terms of the vocabularies: what an edit would change is said before, in numbers of documents."""

from __future__ import annotations

from dataclasses import dataclass

from holdings import audit, term_uses, terms
from holdings.accounts import Account
from holdings.vocabularies.edits import TermEdit
from indexer.counting import Counted, count_naming
from indexer.hub import Hub
from indexer.model import Facet
from ingest.delivery import have_index_follow

# Names that description looks for in texts, so that to add or drop one changes what is inferred.
SPOTTED = frozenset({"theme", "province", "priority"})
_MAX_NAMES = 40


@dataclass(frozen=True, slots=True)
class NameEffect:
    """What a name that is added or dropped tells of the documents that there are.

    `naming` published documents hold its words, in their title or text, by the index as it stands; `of_them` have the
    term already.
    """

    name: str
    naming: int
    of_them: int

    @property
    def without(self) -> int:
        return self.naming - self.of_them


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would change.

    `reindexed` published documents have the term, and what the index holds of them changes at once. `added` and
    `dropped` are names that texts are searched for: with one that is added, at most its documents without the term
    would get it by inference; with one that is dropped, at most its documents with the term would lose it. That comes
    about when a document is described again (`ikhub ingest reprocess --describe`), and for new ones.
    """

    reindexed: int
    with_term: int
    added: tuple[NameEffect, ...] = ()
    dropped: tuple[NameEffect, ...] = ()


def preview(hub: Hub, before: TermEdit | None, after: TermEdit, *, by: Account | str) -> Preview:
    """Return what would change. It counts documents whoever may read them: a privileged read, which is recorded."""
    with hub.catalogue.write() as session:
        with_term = term_uses.counts_found_by(session, after.vocabulary).get(after.id, 0)
        audit.append(session, by, "term.preview", after.vocabulary, after.id)
    effects: dict[str, tuple[NameEffect, ...]] = {}
    if after.vocabulary in SPOTTED:
        known = before.names if before is not None else ()
        effects = {
            "added": tuple(_effect(hub, after, name) for name in _not_among(after.names, known)),
            "dropped": tuple(_effect(hub, after, name) for name in _not_among(known, after.names)),
        }
    reindexed = with_term if terms.changes_index(before, after) else 0
    return Preview(reindexed, with_term, **effects)


def save(hub: Hub, edit: TermEdit, *, edition: str | None, by: Account | str) -> None:
    """Save an edit of a term, or a new term, as `holdings.terms.save`; every process takes it up within seconds."""
    with hub.catalogue.write() as session:
        terms.save(session, hub.words.packaged, edit, edition=edition, by=by)
    _follow(hub)


def restore(hub: Hub, vocabulary: str, term_id: str, *, edition: str, by: Account | str) -> None:
    """Take back what people edited of a term, as `holdings.terms.restore`."""
    with hub.catalogue.write() as session:
        terms.restore(session, hub.words.packaged, vocabulary, term_id, edition=edition, by=by)
    _follow(hub)


def _follow(hub: Hub) -> None:
    hub.words.all(fresh=True)
    have_index_follow(hub)


def _effect(hub: Hub, edit: TermEdit, name: str) -> NameEffect:
    counted: Counted = count_naming(hub, name, Facet(edit.vocabulary), edit.id)
    return NameEffect(name, counted.documents, counted.with_value)


def _not_among(names: tuple[str, ...], others: tuple[str, ...]) -> list[str]:
    known = {name.casefold() for name in others}
    return [name for name in dict.fromkeys(names) if name.casefold() not in known][:_MAX_NAMES]

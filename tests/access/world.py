"""What the suite knows of a hub without asking it: documents, people and the pure rules, held apart from the code.

Whatever a read path of the hub shows is compared with what stands here. Only `holdings.access` and `holdings.workflow`,
the pure rules themselves, are shared with the hub.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from holdings.access import PARTNERS, Access, Viewer, may_read, may_see_tombstone, organisation_label
from holdings.accounts import HubRole, Role
from holdings.states import State
from holdings.workflow import Action, Party, allowed
from indexer.model import Facet

# Words of the texts: each is its own stem, and none stands in the name of a theme.
WORDS = ("padi", "laut", "gunung")
COMMON = "berkas"


@dataclass(slots=True)
class Reader:
    """Somebody who reads. Without an account, suspended or not signed in, that is the public."""

    name: str
    account_id: str | None = None
    roles: dict[str, Role] = field(default_factory=dict)
    hub_role: HubRole | None = None
    is_active: bool = True
    is_signed_in: bool = True
    has_token: bool = True

    @property
    def is_somebody(self) -> bool:
        return self.account_id is not None and self.is_active

    def viewer(self, *, through_token: bool = False) -> Viewer:
        """Return the labels that this reader has now, in the browser or as a program."""
        if not self.is_somebody or not (self.has_token if through_token else self.is_signed_in):
            return Viewer()
        labels = {organisation_label(organisation) for organisation in self.roles}
        return Viewer.of(*labels, *([PARTNERS] if self.roles or self.hub_role else []))


@dataclass(slots=True, eq=False)
class Known:
    """A document as the suite made it. Its canary stands in every part of it, each with a letter of its own.

    `is_behind` says that the index may have it otherwise; `projected_at` is when the index was last told of it.
    """

    id: str
    canary: str
    sha256: str
    access: Access
    words: frozenset[str]
    facets: dict[Facet, str]
    contributor_id: str | None = None
    is_removed: bool = False
    is_behind: bool = True
    projected_at: datetime | None = None

    @property
    def is_published(self) -> bool:
        return not self.is_removed and self.access.state is State.PUBLISHED

    def word(self, part: str) -> str:
        """Return the canary of a part: `t` title, `b` body, `f` file name, `a` author, `s` abstract, `n` number."""
        return f"{self.canary}{part}"


@dataclass(frozen=True, slots=True)
class Query:
    """A search: a text that the suite understands as well, and at most one value of a facet."""

    text: str = ""
    facet: Facet | None = None
    value: str = ""

    def matches(self, known: Known, *, but: Facet | None = None) -> bool:
        """Say whether a document matches, leaving the filter of one facet aside."""
        if self.facet is not None and self.facet is not but and known.facets[self.facet] != self.value:
            return False
        words = known.words | {known.word(part) for part in "tbas"} | {COMMON}
        for word in self.text.split():
            if word.startswith("-"):
                fits = word[1:] not in words
            elif word.endswith("*"):
                # Beginnings are looked for in titles and texts.
                searched = known.words | {COMMON, known.word("t"), known.word("b")}
                fits = any(one.startswith(word[:-1]) for one in searched)
            else:
                fits = word.strip('"') in words
            if not fits:
                return False
        return True


class World:
    """Everything that there is, and what each may see of it."""

    def __init__(self) -> None:
        self.documents: dict[str, Known] = {}
        self.readers: dict[str, Reader] = {}
        # Confirmed by a person: the newer version, then the older.
        self.new_versions: set[tuple[str, str]] = set()

    def readable(self, viewer: Viewer, now: datetime) -> set[str]:
        """Return what a viewer may read."""
        return {k.id for k in self.documents.values() if self.may_read(k, viewer, now)}

    def may_read(self, known: Known, viewer: Viewer, now: datetime) -> bool:
        return not known.is_removed and may_read(known.access, viewer, now)

    def may_see_tombstone(self, known: Known, viewer: Viewer, now: datetime) -> bool:
        return not known.is_removed and may_see_tombstone(known.access, viewer, now)

    def actions(self, known: Known, reader: Reader) -> frozenset[Action]:
        """Return what a reader may do with a document at the desk."""
        if known.is_removed or not reader.is_somebody or not reader.is_signed_in:
            return frozenset()
        parties = set()
        role = reader.roles.get((known.access.keeper or "").removeprefix("org:"))
        if role in {Role.CONTRIBUTOR, Role.EDITOR}:
            parties.add(Party.EDITOR if role is Role.EDITOR else Party.COLLEAGUE)
            if known.contributor_id == reader.account_id:
                parties.add(Party.CONTRIBUTOR)
        if reader.hub_role is HubRole.CURATOR:
            parties |= {Party.CURATOR} | ({Party.EDITOR} if known.access.keeper is None else set())
        if reader.hub_role is HubRole.ADMINISTRATOR:
            parties.add(Party.ADMINISTRATOR)
        return allowed(known.access.state, parties)

    def newer(self, document_id: str) -> set[str]:
        """Return all that supersede a document, over any number of steps."""
        return self._reached(document_id, {(older, newer) for newer, older in self.new_versions})

    def older(self, document_id: str) -> set[str]:
        """Return all that a document supersedes, over any number of steps."""
        return self._reached(document_id, self.new_versions)

    def _reached(self, start: str, steps: Iterable[tuple[str, str]]) -> set[str]:
        found: set[str] = set()
        todo = [start]
        while todo:
            one = todo.pop()
            for first, second in steps:
                if first == one and second not in found and second != start:
                    found.add(second)
                    todo.append(second)
        return found

    def fall_behind(self, document_id: str) -> None:
        """Note that the index may have a document, and what it supersedes, otherwise from now on."""
        for one in {document_id} | self.older(document_id):
            self.documents[one].is_behind = True

    def catch_up(self, now: datetime, *, everything: bool = False) -> None:
        """Note that the index was told of all that it had otherwise, or, when it was rebuilt, of everything."""
        for known in self.documents.values():
            if known.is_behind or everything:
                known.is_behind, known.projected_at = False, now

    def found(
        self, query: Query, viewer: Viewer, now: datetime, *, but: Facet | None = None
    ) -> tuple[set[str], set[str]]:
        """Return what a search must give a viewer, and what it may give besides.

        The two differ only while the index is behind, and for what `_may_still_be_found` says.
        """
        must: set[str] = set()
        may: set[str] = set()
        for known in self.documents.values():
            if not self.may_read(known, viewer, now) or not query.matches(known, but=but):
                continue
            newer = [self.documents[one] for one in self.newer(known.id)]
            is_superseded = any(self.may_read(one, viewer, now) for one in newer)
            if known.is_behind or (is_superseded and _may_still_be_found(known, newer)):
                may.add(known.id)
            elif not is_superseded:
                must.add(known.id)
        return must, must | may

    def counts(self, query: Query, facet: Facet, viewer: Viewer, now: datetime) -> tuple[Counter[str], Counter[str]]:
        """Return how often each value of a facet must be counted, and may be at most."""
        least, most = self.found(query, viewer, now, but=facet)
        return (
            Counter(self.documents[one].facets[facet] for one in least),
            Counter(self.documents[one].facets[facet] for one in most),
        )


def _may_still_be_found(known: Known, newer: Iterable[Known]) -> bool:
    """Say whether a document may be found although a newer version may be read.

    So it is where several of those were under embargo when the index was told: the last embargo counts for all.
    """
    told = known.projected_at
    embargoes = {
        one.access.embargo_until
        for one in newer
        if one.is_published and one.access.embargo_until is not None and told is not None
        and one.access.embargo_until > told
    }  # fmt: skip
    return len(embargoes) > 1

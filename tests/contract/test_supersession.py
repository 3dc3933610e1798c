"""Of the versions of a work a search gives the newest that the viewer may read, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from desk.reviewing import change_access, take
from holdings import documents, relations
from holdings.access import Viewer
from holdings.model import Document
from holdings.relations import RelatedPair, Relation
from holdings.settings import load_settings
from holdings.workflow import Action
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest
from indexer.reading import read_document
from indexer.related import place_among_versions
from indexer.synchronise import synchronise
from tests.making import record_document

PUBLIC, PARTNER, MEMBER = Viewer(), Viewer.of("partners"), Viewer.of("partners", "org:bnpt")
TOMORROW = datetime.now(UTC) + timedelta(days=1)
_names = count()


@pytest.fixture(scope="module", params=["embedded", "elasticsearch"])
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("supersession")
    environment = {"IKHUB_DATA": str(folder / "data"), "IKHUB_INDEXER__ENGINE": request.param}
    if request.param == "elasticsearch":
        environment["IKHUB_INDEXER__ELASTICSEARCH__URL"] = request.getfixturevalue("elasticsearch_url")
        environment["IKHUB_INDEXER__ELASTICSEARCH__PREFIX"] = f"ikhub-{folder.name}"
    settings = load_settings(None, environment)
    initialise(settings)
    with open_hub(settings) as opened:
        yield opened


class Work:
    """Versions of one work, oldest first, found by a word that no other document has."""

    def __init__(self, hub: Hub, *accesses: dict[str, object]) -> None:
        self.hub, self.word = hub, f"kata{next(_names)}"
        self.ids = [
            record_document(hub, f"Laporan {self.word} edisi {n}", [f"{self.word} {n}"], **access)  # type: ignore[arg-type]
            for n, access in enumerate(accesses, 1)
        ]
        for older, newer in zip(self.ids, self.ids[1:], strict=False):
            self.settle(older, newer, Relation.NEW_VERSION)
        synchronise(hub)

    def settle(self, older: str, newer: str, relation: Relation) -> None:
        with self.hub.catalogue.write() as session:
            relations.settle(session, newer, older, relation, by="test")

    def found(self, viewer: Viewer) -> list[int]:
        """Return which versions a viewer finds, by number."""
        response = discover(self.hub, SearchRequest(query=self.word, viewer=viewer))
        found = sorted(self.ids.index(hit.document_id) + 1 for hit in response.hits)
        assert response.total == len(found)
        return found

    def version(self, number: int) -> Document:
        with self.hub.catalogue.read() as session:
            return documents.get(session, self.ids[number - 1])


OPEN: dict[str, object] = {}
PARTNERS: dict[str, object] = {"access": ("partners",)}
OWN: dict[str, object] = {"access": ("org:bnpt",), "keeper": "org:bnpt"}


def test_the_newest_is_found_and_the_old_stays_readable(hub: Hub) -> None:
    work = Work(hub, OPEN, OPEN)
    assert work.found(PUBLIC) == [2]
    assert read_document(hub, work.ids[0], PUBLIC).id == work.ids[0]


def test_of_a_chain_the_newest_is_found(hub: Hub) -> None:
    work = Work(hub, OPEN, OPEN, OPEN)
    assert work.found(PUBLIC) == [3]
    places = [place_among_versions(hub, work.version(number), PUBLIC) for number in (1, 2, 3)]
    assert [(place.number, place.of) for place in places] == [(1, 3), (2, 3), (3, 3)]
    assert [place.newest.id if place.newest else None for place in places] == [work.ids[2], work.ids[2], None]


def test_each_finds_the_newest_that_they_may_read(hub: Hub) -> None:
    work = Work(hub, OPEN, PARTNERS, OWN)
    assert (work.found(PUBLIC), work.found(PARTNER), work.found(MEMBER)) == ([1], [2], [3])
    place = place_among_versions(hub, work.version(1), PARTNER)
    assert (place.number, place.of) == (1, 2)
    assert place.newest is not None
    assert place.newest.id == work.ids[1]
    assert place_among_versions(hub, work.version(1), PUBLIC).of == 1


def test_a_link_of_the_chain_that_may_not_be_read_leads_on(hub: Hub) -> None:
    work = Work(hub, OPEN, OWN, OPEN)
    assert work.found(PUBLIC) == [3]


def test_an_embargoed_version_supersedes_for_its_own_space_only(hub: Hub) -> None:
    work = Work(hub, OPEN, {"embargo_until": TOMORROW, "keeper": "org:bnpt"})
    assert (work.found(PUBLIC), work.found(MEMBER)) == ([1], [2])


def test_an_embargo_that_ends_supersedes_without_anything_being_written(hub: Hub) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=2)
    work = Work(hub, OPEN, {"embargo_until": ends})
    while datetime.now(UTC) < ends - timedelta(seconds=1):
        assert work.found(PUBLIC) == [1]
    while datetime.now(UTC) <= ends + timedelta(seconds=1.1):
        pass
    assert work.found(PUBLIC) == [2]


def test_a_withdrawn_version_gives_way_to_the_one_before(hub: Hub) -> None:
    work = Work(hub, OPEN, OPEN)
    take(hub, None, work.ids[1], Action.WITHDRAW, edition=work.version(2).edition)
    # The index is behind: nobody finds what was withdrawn, and the older one comes back when it has caught up.
    assert 2 not in work.found(PUBLIC)
    synchronise(hub)
    assert work.found(PUBLIC) == [1]
    take(hub, None, work.ids[1], Action.REINSTATE, edition=work.version(2).edition)
    synchronise(hub)
    assert work.found(PUBLIC) == [2]


def test_a_version_that_is_closed_gives_way_to_the_one_before(hub: Hub) -> None:
    work = Work(hub, OPEN, {"keeper": "org:bnpt"})
    newer = work.version(2)
    change_access(hub, None, newer.id, replace(newer.access, labels=frozenset({"org:bnpt"})), edition=newer.edition)
    assert 2 not in work.found(PUBLIC)
    synchronise(hub)
    assert (work.found(PUBLIC), work.found(MEMBER)) == ([1], [2])


def test_a_rejected_relation_supersedes_nothing(hub: Hub) -> None:
    work = Work(hub, OPEN, OPEN)
    work.settle(work.ids[0], work.ids[1], Relation.NONE)
    synchronise(hub)
    assert work.found(PUBLIC) == [1, 2]


def test_what_the_hub_only_supposes_supersedes_nothing(hub: Hub) -> None:
    work = Work(hub, OPEN, OPEN)
    work.settle(work.ids[0], work.ids[1], Relation.NONE)
    other = record_document(hub, f"Laporan {work.word} edisi 3", [f"{work.word} 3"])
    work.ids.append(other)
    with hub.catalogue.write() as session:
        relations.record(
            session, other, [RelatedPair(other, work.ids[0], Relation.NEW_VERSION)], compared=[work.ids[0]]
        )
    synchronise(hub)
    assert work.found(PUBLIC) == [1, 2, 3]


def test_a_removed_version_gives_way(hub: Hub) -> None:
    work = Work(hub, OPEN, OPEN)
    with hub.catalogue.write() as session:
        documents.remove(session, work.ids[1])
    synchronise(hub)
    assert work.found(PUBLIC) == [1]
    assert place_among_versions(hub, work.version(1), PUBLIC).of == 1

"""What an index has wrong is found by nobody, however it came to be wrong, on both engines.

A change of access holds from the moment that it is committed: while the index is behind, while it is rebuilt, after a
process died between writing and remembering, and after a switch to an index of before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from holdings import documents, indexed
from holdings.access import Access, Viewer
from holdings.errors import IndexOutdatedError
from holdings.settings import Settings, load_settings
from indexer import supersession
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest
from indexer.synchronise import _fill as filling
from indexer.synchronise import check, mend, rebuild, synchronise
from tests.making import record_document

PUBLIC, PARTNERS = Access(frozenset({"public"})), Access(frozenset({"partners"}))


class Died(BaseException):
    """Stands for a process that is killed: nothing that would clear up runs."""


class Hooked:
    """An engine before one of whose calls something else happens."""

    def __init__(self, hub: Hub, name: str, before: Callable[[], None]) -> None:
        self._engine, self._name, self._before = hub.engine, name, before

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._engine, name)
        if name != self._name:
            return found

        def hooked(*arguments: Any) -> Any:
            self._before()
            return found(*arguments)

        return hooked


def _settings(engine: str, folder: Path, request: pytest.FixtureRequest) -> Settings:
    environment = {"IKHUB_DATA": str(folder / "data"), "IKHUB_INDEXER__ENGINE": engine}
    if engine == "elasticsearch":
        environment["IKHUB_INDEXER__ELASTICSEARCH__URL"] = request.getfixturevalue("elasticsearch_url")
        environment["IKHUB_INDEXER__ELASTICSEARCH__PREFIX"] = request.getfixturevalue("elasticsearch_prefix")
    return load_settings(None, environment)


@pytest.fixture(params=["embedded", "elasticsearch"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    settings = _settings(request.param, tmp_path, request)
    initialise(settings)
    with open_hub(settings) as opened:
        synchronise(opened)
        yield opened


def _set(hub: Hub, document_id: str, access: Access) -> None:
    with hub.catalogue.write() as session:
        documents.set_access(session, document_id, access)


def _found(hub: Hub, *labels: str) -> set[str]:
    return {hit.document_id for hit in discover(hub, SearchRequest(size=100, viewer=Viewer.of(*labels))).hits}


def test_what_a_process_wrote_that_died_before_it_could_say_so(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    document_id = record_document(hub, "Laporan")

    def dies(*_: object) -> None:
        raise Died

    monkeypatch.setattr("indexer.synchronise.indexed.remember", dies)
    with pytest.raises(Died):
        synchronise(hub)
    monkeypatch.undo()
    assert _found(hub) == {document_id}, "it was written"
    _set(hub, document_id, PARTNERS)
    assert _found(hub) == set()
    synchronise(hub)
    assert (_found(hub), _found(hub, "partners")) == (set(), {document_id})


def test_between_the_switch_and_the_last_filling(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    document_id = record_document(hub, "Laporan")
    synchronise(hub)

    def changed_before_the_switch() -> None:
        _set(hub, document_id, PARTNERS)
        synchronise(hub)

    rebuilding = replace(hub, engine=Hooked(hub, "activate", changed_before_the_switch))
    filled: list[str] = []

    def fills_once(hub: Hub, generation: Any, **options: Any) -> Any:
        if generation.name in filled:
            raise Died
        filled.append(generation.name)
        return filling(hub, generation, **options)

    monkeypatch.setattr("indexer.synchronise._fill", fills_once)
    with pytest.raises(Died):
        rebuild(rebuilding)
    monkeypatch.undo()
    assert _found(hub) == set(), "the new index has it as public"
    synchronise(hub)
    assert (_found(hub), _found(hub, "partners")) == (set(), {document_id})


def test_a_rebuild_that_died_does_not_hide_what_changes_later(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    document_id = record_document(hub, "Laporan")
    synchronise(hub)

    def dies() -> None:
        raise Died

    monkeypatch.setattr("indexer.synchronise._drop", lambda *_: None)
    with pytest.raises(Died):
        rebuild(replace(hub, engine=Hooked(hub, "activate", dies)))
    monkeypatch.undo()
    assert len(hub.engine.generations()) == 2
    for access in (PARTNERS, PUBLIC):
        _set(hub, document_id, access)
        synchronise(hub)
    assert _found(hub) == {document_id}
    assert len(hub.engine.generations()) == 1


def test_what_cannot_be_written_any_more_is_not_found_by_what_was_written_before(hub: Hub) -> None:
    document_id = record_document(hub, "Laporan")
    synchronise(hub)
    with hub.catalogue.read() as session:
        text = documents.get(session, document_id).text
    for path in (hub.settings.data / "texts").rglob(f"{text.sha256}*"):
        path.write_bytes(b"damaged")
    _set(hub, document_id, PARTNERS)
    assert document_id in synchronise(hub).refused
    assert (_found(hub), _found(hub, "partners")) == (set(), set())


def test_what_a_check_finds_to_differ_is_in_doubt_until_it_is_written_again(hub: Hub) -> None:
    document_id, other = record_document(hub, "Laporan"), record_document(hub, "Lain")
    synchronise(hub)
    _set(hub, document_id, PARTNERS)
    live = hub.engine.live()
    assert live is not None
    with hub.catalogue.write() as session:
        # As after an index was put back from a copy: the catalogue believes that all is well.
        pending = indexed.pending(session, hub.engine.name, live.name, limit=10)
        indexed.remember(session, hub.engine.name, live.name, pending, {})
        indexed.settle(session, [document_id])
    differences = list(check(hub))
    assert [difference.document_id for difference in differences] == [document_id]
    mend(hub, differences)
    assert _found(hub) == {other}
    synchronise(hub)
    assert (_found(hub, "partners"), list(check(hub))) == ({document_id, other}, [])


@pytest.mark.parametrize("first", ["embedded", "elasticsearch"])
def test_a_switch_to_an_index_of_before(first: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    second = {"embedded": "elasticsearch", "elasticsearch": "embedded"}[first]
    before, after = (_settings(engine, tmp_path, request) for engine in (first, second))
    initialise(before)
    with open_hub(before) as old:
        document_id, other = record_document(old, "Laporan"), record_document(old, "Lain")
        synchronise(old)
    with open_hub(after) as new:
        synchronise(new)
        _set(new, document_id, PARTNERS)
        synchronise(new)
        assert _found(new, "partners") == {document_id, other}
    with open_hub(before) as old:
        assert _found(old) == _found(old, "partners") == {other}
        synchronise(old)
        assert (_found(old), _found(old, "partners")) == ({other}, {document_id, other})


def test_thousands_of_changes_are_left_out_and_more_are_refused_in_words(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id, other = record_document(hub, "Laporan"), record_document(hub, "Lain")
    synchronise(hub)
    many = [document_id, *(f"x{number:09}" for number in range(supersession.MOST_UNSETTLED - 1))]
    monkeypatch.setattr("indexer.supersession.indexed.unsettled", lambda *_, limit: many[:limit])
    assert _found(hub) == {other}
    monkeypatch.setattr("indexer.supersession.MOST_UNSETTLED", 1000)
    with pytest.raises(IndexOutdatedError, match="1,000"):
        _found(hub)


def test_an_embargo_that_ends_within_a_second_is_not_over_before(hub: Hub) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1, milliseconds=900)
    document_id = record_document(hub, "Laporan", embargo_until=ends)
    synchronise(hub)
    while (began := datetime.now(UTC)) < ends:
        found = _found(hub)
        assert not found or datetime.now(UTC) >= ends, began
    while not _found(hub):
        assert datetime.now(UTC) < ends + timedelta(seconds=2)
    assert _found(hub) == {document_id}


def test_no_search_that_begins_after_a_change_gives_what_was_before(hub: Hub) -> None:
    """Others search without a pause, and the index is brought up to date, while access goes back and forth."""
    document_id = record_document(hub, "Laporan")
    synchronise(hub)
    is_public, ended = threading.Event(), threading.Event()
    changing, wrong = threading.Lock(), []
    is_public.set()

    def search() -> None:
        while not ended.is_set():
            with changing:
                may = is_public.is_set()
                # The lock is held: what is public cannot change while this search is under way.
                if _found(hub) and not may:
                    wrong.append(may)

    def catch_up() -> None:
        while not ended.is_set():
            synchronise(hub)

    threads = [threading.Thread(target=work) for work in (search, catch_up)]
    for thread in threads:
        thread.start()
    for number in range(30):
        with changing:
            _set(hub, document_id, PUBLIC if number % 2 else PARTNERS)
            (is_public.set if number % 2 else is_public.clear)()
    ended.set()
    for thread in threads:
        thread.join()
    assert wrong == []

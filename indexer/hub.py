"""The hub as one process has it open: settings, vocabularies, catalogue, file store, analysis, templates and engine.

Opened once, at an entry point, and passed down. Thread-safe; not to be carried over a fork.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from holdings import organisations, terms
from holdings.database import Database
from holdings.filestore import FileStore
from holdings.model import Organisation
from holdings.settings import IndexerSettings, Settings
from holdings.vocabularies import Vocabularies, load_vocabularies
from holdings.vocabularies.edits import TermEdit, with_edits
from indexer.analysis import Analyzer
from indexer.engines.base import Engine
from indexer.templates import Templates, load_templates

_ORGANISATIONS_SECONDS = 10.0
# An id that is not known has them read again, but not for each of the many that somebody may ask for.
_UNKNOWN_SECONDS = 1.0
_WORDS_SECONDS = 5.0


@dataclass(slots=True)
class OrganisationNames:
    """The organisations of the catalogue, read again at most every few seconds."""

    catalogue: Database
    _read_at: float = field(default=float("-inf"), init=False)
    _known: Mapping[str, Organisation] = field(default_factory=dict, init=False)
    _former: Mapping[str, str] = field(default_factory=dict, init=False)

    def all(self, *, fresh: bool = False) -> Mapping[str, Organisation]:
        self._read(0.0 if fresh else _ORGANISATIONS_SECONDS)
        return self._known

    def present(self, organisation_id: str) -> str | None:
        """Return the present id of the organisation that has this id, or had it; None where there is none."""
        for seconds in (_ORGANISATIONS_SECONDS, _UNKNOWN_SECONDS):
            self._read(seconds)
            found = organisation_id if organisation_id in self._known else self._former.get(organisation_id)
            if found is not None:
                return found
        return None

    def former(self, organisation_id: str) -> tuple[str, ...]:
        """Return the ids that lead on to an organisation."""
        self._read(_ORGANISATIONS_SECONDS)
        return tuple(old for old, new in self._former.items() if new == organisation_id)

    def _read(self, seconds: float) -> None:
        """Read them unless that was done within so many seconds."""
        if time.monotonic() - self._read_at > seconds:
            with self.catalogue.read() as session:
                self._known = organisations.all_organisations(session)
                self._former = organisations.former_ids(session)
            self._read_at = time.monotonic()


@dataclass(slots=True)
class Words:
    """The vocabularies as people have edited them, looked at again at most every few seconds.

    `packaged` is what the data files say. The same value is given until something was edited.
    """

    packaged: Vocabularies
    catalogue: Database
    _read_at: float = field(default=float("-inf"), init=False)
    _edits: Sequence[TermEdit] = field(default=(), init=False)
    _edited: Vocabularies | None = field(default=None, init=False)

    def all(self, *, fresh: bool = False) -> Vocabularies:
        if fresh or self._edited is None or time.monotonic() - self._read_at > _WORDS_SECONDS:
            with self.catalogue.read() as session:
                edits = terms.all_edits(session)
            if self._edited is None or edits != self._edits:
                self._edited = with_edits(self.packaged, edits)
                self._edits = edits
            self._read_at = time.monotonic()
        return self._edited


@dataclass(frozen=True, slots=True)
class Hub:
    settings: Settings
    words: Words
    catalogue: Database
    files: FileStore
    analyzer: Analyzer
    templates: Templates
    engine: Engine
    organisations: OrganisationNames

    @property
    def vocabularies(self) -> Vocabularies:
        """The vocabularies as people have edited them, as of a few seconds ago at most."""
        return self.words.all()

    def close(self) -> None:
        self.analyzer.save_cache()
        self.engine.close()
        self.catalogue.close()


@contextmanager
def open_hub(settings: Settings) -> Iterator[Hub]:
    """Open the hub. Raises NotInitialisedError when `ikhub init` has not been run for this version."""
    hub = _build(settings)
    try:
        hub.catalogue.require_current()
        yield hub
    finally:
        hub.close()


def initialise(settings: Settings) -> None:
    """Create or upgrade the catalogue and bring its vocabularies to what the data files say. Keeps what it holds."""
    vocabularies = load_vocabularies(settings.holdings.vocabularies)
    catalogue = Database(settings.database_url, settings.data)
    try:
        catalogue.upgrade()
        with catalogue.write() as session:
            terms.load_vocabularies_into(session, vocabularies)
    finally:
        catalogue.close()


def _build(settings: Settings) -> Hub:
    catalogue = Database(settings.database_url, settings.data)
    return Hub(
        settings=settings,
        words=Words(load_vocabularies(settings.holdings.vocabularies), catalogue),
        catalogue=catalogue,
        files=FileStore(settings.data),
        analyzer=Analyzer(cache_path=settings.data / "stems.cache", roots_path=settings.indexer.roots),
        templates=load_templates(settings.indexer.templates),
        engine=_engine(settings.indexer, settings.data),
        organisations=OrganisationNames(catalogue),
    )


def _engine(settings: IndexerSettings, data: Path) -> Engine:
    # Imported where they are chosen: each loads a client that the other does without.
    if settings.engine == "embedded":
        from indexer.engines.embedded import EmbeddedEngine

        return EmbeddedEngine(data / "index")
    from indexer.engines.elasticsearch import ElasticsearchEngine

    server = settings.elasticsearch
    return ElasticsearchEngine(
        server.url,
        prefix=server.prefix,
        api_key=server.api_key.get_secret_value() or None,
        username=server.username or None,
        password=server.password.get_secret_value() or None,
        ca_certs=server.ca_certs,
        request_timeout_seconds=server.timeout_seconds,
        replicas=server.replicas,
    )

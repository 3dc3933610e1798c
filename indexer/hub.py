"""The hub as one process has it open: settings, vocabularies, catalogue, file store, analysis, templates and engine.

Opened once, at an entry point, and passed down. Thread-safe; not to be carried over a fork.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from holdings import organisations
from holdings.database import Database
from holdings.filestore import FileStore
from holdings.model import Organisation
from holdings.settings import IndexerSettings, Settings
from holdings.vocabularies import Vocabularies, load_vocabularies
from indexer.analysis import Analyzer
from indexer.engines.base import Engine
from indexer.templates import Templates, load_templates

_ORGANISATIONS_SECONDS = 10.0


@dataclass(slots=True)
class OrganisationNames:
    """The organisations of the catalogue, read again at most every few seconds."""

    catalogue: Database
    _read_at: float = field(default=float("-inf"), init=False)
    _known: Mapping[str, Organisation] = field(default_factory=dict, init=False)

    def all(self, *, fresh: bool = False) -> Mapping[str, Organisation]:
        if fresh or time.monotonic() - self._read_at > _ORGANISATIONS_SECONDS:
            with self.catalogue.read() as session:
                self._known = organisations.all_organisations(session)
            self._read_at = time.monotonic()
        return self._known


@dataclass(frozen=True, slots=True)
class Hub:
    settings: Settings
    vocabularies: Vocabularies
    catalogue: Database
    files: FileStore
    analyzer: Analyzer
    templates: Templates
    engine: Engine
    organisations: OrganisationNames

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
            organisations.load_vocabularies_into(session, vocabularies)
    finally:
        catalogue.close()


def _build(settings: Settings) -> Hub:
    catalogue = Database(settings.database_url, settings.data)
    return Hub(
        settings=settings,
        vocabularies=load_vocabularies(settings.holdings.vocabularies),
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

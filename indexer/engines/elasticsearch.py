"""The Elasticsearch engine: a server or a cluster, through its official client.

A generation is two indices, `<prefix>-documents-<generation>` and `<prefix>-pages-<generation>`; the live one is what
the aliases `<prefix>-documents` and `<prefix>-pages` point to. There is no lock here between processes that write: the
catalogue has one for each generation, which `indexer.synchronise` holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from holdings.errors import ConfigurationError, EngineUnavailableError, IndexOutdatedError, UsageError
from indexer.engines.base import Body, Generation, IndexDocument, IndexedRevision, Removal, Response, WriteReport
from indexer.engines.elasticsearch_errors import elasticsearch_errors, meaning
from indexer.engines.elasticsearch_schema import index_settings, mappings
from indexer.engines.elasticsearch_writing import write_batch
from indexer.engines.naming import is_generation_name, new_generation_name
from indexer.engines.revisions import merged
from indexer.schema import IndexName

# Writing waits longer than searching: a large request, then a refresh.
_WRITE_SECONDS = 120.0
_RETRIES = 1
_AT_ONCE = 5_000


class ElasticsearchEngine:
    """Implements `base.Engine`. Thread-safe. Nothing goes over the network before the first call."""

    name: str = "elasticsearch"

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "ikhub",
        api_key: str | None = None,
        username: str | None = None,
        password: str | None = None,
        ca_certs: Path | None = None,
        request_timeout_seconds: float = 10,
        replicas: int = 0,
    ) -> None:
        """Raises ConfigurationError when the address or the certificates do not make sense."""
        self.url = url
        self.prefix = prefix
        self._replicas = replicas
        options: dict[str, Any] = {"ca_certs": str(ca_certs)} if ca_certs else {}
        if api_key:
            options["api_key"] = api_key
        elif username:
            options["basic_auth"] = (username, password or "")
        try:
            self._client = Elasticsearch(
                url, request_timeout=request_timeout_seconds, max_retries=_RETRIES, retry_on_timeout=False, **options
            )
        except ValueError as error:
            raise ConfigurationError(f"The settings of indexer.elasticsearch do not fit: {error}") from error
        self._writing = self._client.options(request_timeout=max(_WRITE_SECONDS, request_timeout_seconds))

    def live(self) -> Generation | None:
        found = self._versions(self._alias(IndexName.DOCUMENTS))
        # One index has the alias at any time; were there two, of a hand at work, the newer one would count.
        return found[-1] if found else None

    def generations(self) -> list[Generation]:
        both: dict[str, Generation] = {}
        for index in (IndexName.PAGES, IndexName.DOCUMENTS):
            both |= {found.name: found for found in self._versions(f"{self._alias(index)}-*")}
        return [both[name] for name in sorted(both)]

    def create(self, version: str) -> Generation:
        generation = Generation(new_generation_name(), version)
        with elasticsearch_errors():
            # Documents last: what has no documents is unfinished.
            for index in (IndexName.PAGES, IndexName.DOCUMENTS):
                self._writing.indices.create(
                    index=self._index(index, generation),
                    settings=index_settings(self._replicas),
                    mappings=mappings(index, version if index is IndexName.DOCUMENTS else ""),
                )
        return generation

    def write(self, generation: Generation, batch: Iterable[IndexDocument | Removal]) -> WriteReport:
        documents, pages = (self._index(index, generation) for index in IndexName)
        return write_batch(self._writing, documents, pages, batch)

    def activate(self, generation: Generation) -> None:
        actions: list[dict[str, Any]] = []
        for index in IndexName:
            alias = self._alias(index)
            actions.append({"remove": {"index": f"{alias}-*", "alias": alias, "must_exist": False}})
            actions.append({"add": {"index": self._index(index, generation), "alias": alias}})
        with elasticsearch_errors():
            self._writing.indices.update_aliases(actions=actions)

    def drop(self, generation: Generation) -> None:
        live = self.live()
        if live is not None and live.name == generation.name:
            raise UsageError(
                f"Generation {generation.name} is live and cannot be deleted",
                advice="Switch to another generation first: `ikhub index rebuild` does both.",
            )
        with elasticsearch_errors():
            self._writing.indices.delete(
                index=[self._index(index, generation) for index in IndexName], ignore_unavailable=True
            )

    def search(self, index: IndexName, bodies: Sequence[Body]) -> list[Response]:
        if not bodies:
            return []
        try:
            return self._search(index, bodies)
        except IndexOutdatedError:
            # The alias may have been switched, and its former index deleted, while the request was on its way.
            return self._search(index, bodies)

    def _search(self, index: IndexName, bodies: Sequence[Body]) -> list[Response]:
        searches: list[Mapping[str, Any]] = []
        for body in bodies:
            # Elasticsearch would count to 10,000 only.
            searches += [{}, {"track_total_hits": True, **body}]
        with elasticsearch_errors():
            answers = self._client.msearch(index=self._alias(index), searches=searches)["responses"]
        return [_checked(answer) for answer in answers]

    def revisions(self, generation: Generation) -> Iterator[IndexedRevision]:
        documents, pages = (self._index(index, generation) for index in IndexName)
        return merged(self._revisions(documents), self._page_counts(pages))

    def close(self) -> None:
        self._client.close()

    def _alias(self, index: IndexName) -> str:
        return f"{self.prefix}-{index.value}"

    def _index(self, index: IndexName, generation: Generation) -> str:
        return f"{self._alias(index)}-{generation.name}"

    def _versions(self, pattern: str) -> list[Generation]:
        """Return the generations whose indices a pattern or an alias names, oldest first."""
        with elasticsearch_errors():
            try:
                found = self._client.indices.get(index=pattern, features="mappings")
            except NotFoundError:
                return []
        named = {index.removeprefix(f"{self.prefix}-").partition("-")[2]: about for index, about in found.items()}
        return [
            Generation(name, str(about["mappings"].get("_meta", {}).get("version", "")))
            for name, about in sorted(named.items())
            if is_generation_name(name)
        ]

    def _revisions(self, index: str) -> Iterator[tuple[str, int, int]]:
        after: list[Any] | None = None
        while True:
            with elasticsearch_errors():
                answer = self._client.search(
                    index=index,
                    sort=[{"id": "asc"}],
                    search_after=after,
                    size=_AT_ONCE,
                    source=False,
                    docvalue_fields=[{"field": "revision"}, {"field": "access_revision"}],
                    track_total_hits=False,
                )
            hits = answer["hits"]["hits"]
            for hit in hits:
                yield hit["_id"], hit["fields"]["revision"][0], hit["fields"]["access_revision"][0]
            if len(hits) < _AT_ONCE:
                return
            after = hits[-1]["sort"]

    def _page_counts(self, index: str) -> Iterator[tuple[str, int]]:
        composite: dict[str, Any] = {"size": _AT_ONCE, "sources": [{"document": {"terms": {"field": "document"}}}]}
        while True:
            with elasticsearch_errors():
                answer = self._client.search(
                    index=index, size=0, track_total_hits=False, aggs={"documents": {"composite": composite}}
                )
            counted = answer["aggregations"]["documents"]
            for bucket in counted["buckets"]:
                yield bucket["key"]["document"], bucket["doc_count"]
            if "after_key" not in counted:
                return
            composite["after"] = counted["after_key"]


def _checked(answer: Response) -> Response:
    """Return an answer that is complete. Raises the error of the hub for one that is not."""
    if "error" in answer:
        raise meaning(answer.get("status", 500), answer)
    if answer.get("timed_out") or answer.get("_shards", {}).get("failed"):
        raise EngineUnavailableError("Elasticsearch answered for a part of the index only")
    return answer

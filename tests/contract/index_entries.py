"""Made documents as the indices hold them, and a small view of an engine that tests speak through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from indexer.engines.base import Body, Engine, Generation, IndexDocument, Removal, Response, WriteReport
from indexer.schema import IndexName

VERSION = "1-test"


def entry(
    document_id: str, body: str = "", *, pages: Sequence[str] = (), revision: int = 1, **fields: Any
) -> IndexDocument:
    """Return a document; its pages have these texts, without any there is one page with the whole text."""
    texts = pages or (body,)
    return IndexDocument(
        id=document_id,
        revision=revision,
        access_revision=1,
        fields={
            "id": document_id,
            "revision": revision,
            "access_revision": 1,
            "title": f"judul {document_id}",
            "body": body,
            "body_words": " ".join(sorted(set(body.split()))),
            "access": ["public"],
            "keeper": [],
            "embargo_until": 0,
            "newest_key": f"0000-00-00 {document_id}",
            "stored": {"id": document_id, "revision": revision},
            **fields,
        },
        pages=[
            {
                "id": f"{document_id}-{number}",
                "document": document_id,
                "page_number": number,
                "body": text,
                "across": "",
                "body_words": text,
                "stored": {"number": number, "text": text},
            }
            for number, text in enumerate(texts, 1)
        ],
    )


# Words are stems already. Scores are not meant to be realistic; what matches is plain to see.
SHELF = (
    entry("a", "radikal teroris radikal", kind=["report"], theme=["t1", "t2"], year=2001, newest_key="2001 a"),
    entry("b", "teroris dana bank", kind=["report"], theme=["t1"], year=2005, newest_key="2005 b"),
    entry("c", "dana teroris", kind=["regulation"], theme=[], year=2005, newest_key="2005 c"),
    entry(
        "d", "pencegah ekstremis radikalisme", kind=["regulation"], theme=["t2", "t3"], year=2010, newest_key="2010 d"
    ),
    entry("e", "日本 münchen c++ a.b*c", kind=["research"], theme=["é"], newest_key="0000 e"),
    entry("f", "", title="teroris", year=-44, newest_key="-044 f"),
)


@dataclass(frozen=True, slots=True)
class Index:
    """One generation of an engine, and short ways to write to it and to ask it."""

    engine: Engine
    generation: Generation

    @classmethod
    def made(cls, engine: Engine, *entries: IndexDocument) -> Index:
        """Return a new live generation that holds these documents."""
        index = cls(engine, engine.create(VERSION))
        report = index.write(*entries)
        assert report.failed == {}
        engine.activate(index.generation)
        return index

    def write(self, *entries: IndexDocument | Removal) -> WriteReport:
        return self.engine.write(self.generation, iter(entries))

    def search(self, body: Body, index: IndexName = IndexName.DOCUMENTS) -> Response:
        return self.engine.search(index, [body])[0]

    def ids(
        self, query: Body | None = None, index: IndexName = IndexName.DOCUMENTS, *, start: int = 0, **body: Any
    ) -> list[str]:
        """Return the ids of the hits from `start` on, in the order of the answer."""
        asked = {"size": 1_000, "from": start, **body} | ({"query": query} if query is not None else {})
        return [hit["_id"] for hit in self.search(asked, index)["hits"]["hits"]]

    def found(self, query: Body | None = None, index: IndexName = IndexName.DOCUMENTS) -> str:
        """Return the ids of the hits, sorted and joined, as a table of expectations has them."""
        return " ".join(sorted(self.ids(query, index)))

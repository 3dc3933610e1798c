"""What the benchmarks search: the real documents, and many more made from their pages."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from holdings import documents
from holdings.access import Access
from holdings.indexed import current
from holdings.model import Document, DocumentField, Page, Source, Statement, StoredFile, Text
from holdings.settings import Settings, load_settings
from indexer.analysis import Analyzer
from indexer.engines.base import IndexDocument
from indexer.hub import Hub
from indexer.projection import project

CORPUS = Path(os.environ.get("IKHUB_CORPUS", Path(__file__).parents[2] / "shared" / "data"))

# Two words each, frequent and rare, Indonesian and English.
QUERIES = tuple(
    """hak asasi|pendanaan terorisme|otonomi khusus|perlindungan anak|tindak pidana|pemerintah daerah
    |anggaran pendapatan|kabupaten pemekaran|keuangan negara|saksi korban|bencana alam|transaksi elektronik
    |release lifecycle|water treatment|select agents|noise spectra|free software|sustainable agriculture
    |pengadilan tinggi|organisasi kemasyarakatan""".replace("\n    ", "").split("|")
)


def settings_in(folder: Path, engine: str = "embedded", url: str = "") -> Settings:
    environment = {"IKHUB_DATA": str(folder), "IKHUB_INDEXER__ENGINE": engine}
    if url:
        environment["IKHUB_INDEXER__ELASTICSEARCH__URL"] = url
        environment["IKHUB_INDEXER__ELASTICSEARCH__PREFIX"] = "ikhub-bench"
    return load_settings(None, environment)


ORGANISATION_LABELS = 499


class RememberingAnalyzer(Analyzer):
    """Analyses each text once: the made documents share their pages."""

    def __init__(self) -> None:
        super().__init__()
        self._stems_of: dict[str, list[str]] = {}
        self._words_of: dict[str, list[str]] = {}

    def stems(self, text: str) -> list[str]:
        if text not in self._stems_of:
            self._stems_of[text] = super().stems(text)
        return self._stems_of[text]

    def words(self, text: str) -> list[str]:
        if text not in self._words_of:
            self._words_of[text] = super().words(text)
        return self._words_of[text]


def real_documents(hub: Hub) -> list[tuple[Document, list[Page]]]:
    """Return every document of a hub with its pages."""
    with hub.catalogue.read() as session:
        found = documents.get_many(session, [record.record_id for record in current(session)])
    return [(document, list(hub.files.pages(document.text.sha256))) for document in found]


def made_documents(hub: Hub, number: int) -> Iterator[IndexDocument]:
    """Yield so many documents, each of one to nine pages drawn from the real ones, with facets drawn by lot."""
    chance = random.Random(20)
    pool = [page for _, pages in real_documents(hub) for page in pages if len(page.text) > 200]
    analyzer = RememberingAnalyzer()
    vocabularies = hub.vocabularies
    organisations = hub.organisations.all()
    issuers = sorted(organisations)
    for count in range(number):
        pages = [
            Page(position, page.unit, page.text)
            for position, page in enumerate(chance.choices(pool, k=chance.randint(1, 9)), 1)
        ]
        yield project(
            _made(count, chance, list(vocabularies.themes), list(vocabularies.provinces), issuers),
            pages,
            analyzer=analyzer,
            vocabularies=vocabularies,
            organisations=organisations,
        )


def made_id(count: int) -> str:
    """Return the id of a made document by its number."""
    return f"m{count:09}"


def _made(count: int, chance: random.Random, themes: list[str], provinces: list[str], issuers: list[str]) -> Document:

    drawn = {
        DocumentField.TITLE: [f"Dokumen buatan nomor {count}"],
        DocumentField.KIND: [chance.choice(["report", "policy-paper", "regulation", "research", "guideline", "other"])],
        DocumentField.DATE: [f"{chance.randint(1990, 2026)}-{chance.randint(1, 12):02}-01"],
        DocumentField.LANGUAGE: [chance.choice(["id", "id", "en"])],
        DocumentField.THEME: chance.sample(themes, chance.randint(0, 3)),
        DocumentField.PROVINCE: chance.sample(provinces, chance.randint(0, 3)),
        DocumentField.ORGANISATION: [chance.choice(issuers)],
    }
    now = datetime.now(UTC)
    return Document(
        id=made_id(count),
        work_id=made_id(count),
        statements=tuple(Statement(f, v, Source.DECLARED) for f, values in drawn.items() for v in values),
        files=(StoredFile("0" * 64, 1, "application/pdf", ("made.pdf",)),),
        text=Text("0" * 64, 1, 0, 1, "made"),
        # Everybody reads them, and each label of an organisation is on some of them.
        access=Access(frozenset({"public", f"org:org-{count % ORGANISATION_LABELS}"})),
        revision=1,
        access_revision=1,
        created_at=now,
        updated_at=now,
    )

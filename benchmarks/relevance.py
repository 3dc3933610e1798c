"""Relevance: nDCG@10 and recall of the search templates on collections of documents, queries and judgements.

`python -m benchmarks.relevance` prints what is shipped; `--try SHARE` another `minimum_should_match`. The peer is plain
BM25 as each collection's README gives it (lower-cased words, no stemming, no stop words).
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.corpora import CORPUS
from benchmarks.measuring import Figure, keep, table
from indexer.analysis import Analyzer
from indexer.clauses import documents_body
from indexer.engines.base import Engine, IndexDocument
from indexer.engines.embedded import EmbeddedEngine
from indexer.model import Sort
from indexer.query import parse
from indexer.schema import IndexName, index_version
from indexer.templates import Templates, load_templates

# nDCG@10 of plain BM25, from the README of each collection.
PLAIN_BM25 = {"cranfield": 0.325, "npl-vaswani": 0.356, "idkmrc-id-trainvalid": 0.749}
_MOST_QUERIES = 1000


def relevance_figures(templates: Templates, engine_of: type[EmbeddedEngine] = EmbeddedEngine) -> list[Figure]:
    """Return nDCG@10 and recall@100 of each collection."""
    figures = []
    for name, plain in PLAIN_BM25.items():
        with tempfile.TemporaryDirectory() as folder:
            engine = engine_of(Path(folder))
            analyzer = Analyzer()
            _fill(engine, analyzer, CORPUS / "relevance" / name)
            gain, recall = _score(engine, analyzer, templates, CORPUS / "relevance" / name)
            engine.close()
        figures.append(Figure(f"relevance, {name}", "nDCG@10", gain, "", "plain BM25", plain))
        figures.append(Figure(f"relevance, {name}", "recall@100", recall, ""))
    return figures


def _fill(engine: Engine, analyzer: Analyzer, folder: Path) -> None:
    generation = engine.create(index_version())
    report = engine.write(generation, (_document(entry, analyzer) for entry in _lines(folder / "docs.jsonl")))
    assert not report.failed, report.failed
    engine.activate(generation)


def _document(entry: dict[str, str], analyzer: Analyzer) -> IndexDocument:
    title, body = analyzer.stems(entry.get("title", "")), analyzer.stems(entry["text"])
    fields = {
        "id": str(entry["id"]),
        "revision": 1,
        "access_revision": 1,
        "title": " ".join(title),
        "body": " ".join(body),
        "title_words": "",
        "body_words": "",
        "access": ["public"],
        "embargo_until": 0,
        "stored": {},
    }
    return IndexDocument(id=str(entry["id"]), revision=1, access_revision=1, fields=fields, pages=[])


def _score(engine: Engine, analyzer: Analyzer, templates: Templates, folder: Path) -> tuple[float, float]:
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            judged[query][document] = int(grade)
    queries = [entry for entry in _lines(folder / "queries.jsonl") if str(entry["id"]) in judged]
    if len(queries) > _MOST_QUERIES:
        queries = random.Random(3).sample(queries, _MOST_QUERIES)
    gains, recalls = [], []
    for entry in queries:
        # Sentences, not queries: signs of the query language are none here.
        text = " ".join(analyzer.words(entry["text"]))
        body = documents_body(
            templates,
            parse(text, analyzer, lambda *_: None).root,
            {},
            {"match_all": {}},
            sort=Sort.RELEVANCE,
            offset=0,
            size=100,
        )
        del body["aggs"]
        found = [hit["_id"] for hit in engine.search(IndexName.DOCUMENTS, [body])[0]["hits"]["hits"]]
        grades = judged[str(entry["id"])]
        gains.append(_ndcg(found[:10], grades))
        recalls.append(sum(1 for document in found if document in grades) / len(grades))
    return sum(gains) / len(gains), sum(recalls) / len(recalls)


def _ndcg(found: Sequence[str], grades: dict[str, int]) -> float:
    """Return nDCG (Järvelin and Kekäläinen 2002) with gains 2^grade - 1, cut at as many hits as are given, of ten."""
    best = sorted(grades.values(), reverse=True)[:10]
    return _dcg([grades.get(document, 0) for document in found]) / _dcg(best)


def _dcg(grades: Sequence[int]) -> float:
    return sum(float(2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades))


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def main() -> None:
    """Print the figures of the shipped templates, or with another share of words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--try", dest="share", help="another minimum_should_match, such as 2<60%%")
    share = parser.parse_args().share
    templates = load_templates()
    if share:
        templates = replace(templates, documents={**templates.documents, "minimum_should_match": share})
    figures = relevance_figures(templates)
    print(table(figures))
    if not share:
        print(f"kept in {keep('relevance', figures)}", file=sys.stderr)


if __name__ == "__main__":
    main()

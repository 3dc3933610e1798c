"""`python -m benchmarks.stemmers`: which stemmer, and which Indonesian root words, serve the search best.

Two judgements of each candidate: on words (`benchmarks/stemming/`: words with a known root, pairs that should meet,
pairs that must not) and on search collections (a folder each of `docs.jsonl`, `queries.jsonl` and `qrels.tsv`),
searched with plain BM25 over the stems, stop words taken out of the query. The first line is the hub's own, the others
show their difference to it in nDCG@10, with its 95% margin. `--roots NAME=FILE` adds a list of root words, or a
Hunspell dictionary, to the candidates. At the end, how fast the texts of the collections are analysed.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import snowballstemmer

from benchmarks.corpora import CORPUS
from indexer.analysis import Analyzer
from indexer.stemming import WordStemmer, read_roots
from indexer.word_lists import read_overrides

WORDS = Path(__file__).parent / "stemming"
# Lucene's, and of both engines.
_K1, _B = 1.2, 0.75

Stem = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Collection:
    """A search collection, its texts as folded words."""

    name: str
    documents: Mapping[str, Sequence[str]]
    queries: Mapping[str, Sequence[str]]
    judged: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Effect:
    """How well each query of a collection was answered."""

    ndcg: Sequence[float]
    reciprocal_rank: Sequence[float]


def main() -> None:
    """Print a table of the candidates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS / "relevance", help="folder of search collections")
    parser.add_argument("--roots", action="append", default=[], metavar="NAME=FILE")
    asked = parser.parse_args()
    lists = dict(argument.split("=", 1) for argument in asked.roots)
    candidates = _candidates({name: Path(path) for name, path in lists.items()})
    collections = [_read(folder) for folder in sorted(asked.corpus.glob("*")) if (folder / "qrels.tsv").is_file()]
    vocabulary = sorted({word for c in collections for words in c.documents.values() for word in words})
    print("| stems by | root | meet | apart | words/s |" + "".join(f" {c.name}: nDCG@10, MRR |" for c in collections))
    print("|---" * (5 + len(collections)) + "|")
    first: list[Effect] = []
    for name, stem in candidates.items():
        speed = _words_a_second(stem, vocabulary[::10])
        cells = [_rooted(stem), _pairs(stem, "together.txt", meet=True), _pairs(stem, "apart.txt", meet=False), speed]
        remembered = cache(stem)
        effects = [_effect(collection, remembered) for collection in collections]
        first = first or effects
        cells += [_shown(effect, peer) for effect, peer in zip(effects, first, strict=True)]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    print("\n" + _analysis_speed(asked.corpus))


def _candidates(lists: Mapping[str, Path]) -> dict[str, Stem]:
    own = read_roots(None)
    given = read_overrides()
    found: dict[str, Stem] = {
        "the hub": WordStemmer(own, given).stem,
        "PySastrawi, English": WordStemmer(own, {}).stem,
    }
    for name, path in lists.items():
        roots = read_roots(path)
        found[f"the hub, roots of {name}"] = WordStemmer(roots, given).stem
        found[f"PySastrawi, English, roots of {name}"] = WordStemmer(roots, {}).stem
    found["Snowball Indonesian"] = snowballstemmer.stemmer("indonesian").stemWord
    found["Snowball English"] = snowballstemmer.stemmer("english").stemWord
    found["nothing"] = str
    return found


def _words_a_second(stem: Stem, words: Sequence[str]) -> str:
    began = time.perf_counter()
    for word in words:
        stem(word)
    return f"{len(words) / (time.perf_counter() - began):,.0f}"


def _analysis_speed(corpus: Path) -> str:
    texts = [row["text"] for path in sorted(corpus.glob("*/docs.jsonl")) for row in _rows(path)]
    megabytes = sum(map(len, texts)) / 1e6
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stems.cache"
        analyzer = Analyzer(cache_path=path)
        cold, warm = (_seconds(lambda: [analyzer.stems(text) for text in texts]) for _ in range(2))
        analyzer.save_cache()
        later = Analyzer(cache_path=path)
        first = _seconds(lambda: later.stems("pencegahan terorisme"))
    return (
        f"{megabytes:.1f} MB analysed: {megabytes / cold:.1f} MB/s at first, {megabytes / warm:.1f} MB/s with a "
        f"warm cache; first words of a later process {first * 1000:.0f} ms"
    )


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _lines(name: str) -> Iterator[tuple[str, str]]:
    for line in (WORDS / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            first, second = line.split()
            yield first, second


def _rooted(stem: Stem) -> str:
    lines = list(_lines("roots.txt"))
    return f"{sum(stem(word) == stem(root) for word, root in lines)}/{len(lines)}"


def _pairs(stem: Stem, name: str, *, meet: bool) -> str:
    lines = list(_lines(name))
    return f"{sum((stem(first) == stem(second)) is meet for first, second in lines)}/{len(lines)}"


def _read(folder: Path) -> Collection:
    analyzer = Analyzer()
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, document, grade = line.split("\t")
        judged[query][document] = int(grade)
    documents = {row["id"]: analyzer.words(f"{row['title']}\n{row['text']}") for row in _rows(folder / "docs.jsonl")}
    queries: dict[str, Sequence[str]] = {}
    for row in _rows(folder / "queries.jsonl"):
        words = list(dict.fromkeys(analyzer.words(row["text"])))
        queries[row["id"]] = [word for word in words if not analyzer.is_stop_word(word)] or words
    relevant = {query for query, grades in judged.items() if max(grades.values()) > 0}
    return Collection(folder.name, documents, {q: words for q, words in queries.items() if q in relevant}, judged)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _effect(collection: Collection, stem: Stem) -> Effect:
    postings: dict[str, list[tuple[str, float]]] = defaultdict(list)
    lengths = {document: len(words) for document, words in collection.documents.items()}
    mean = statistics.fmean(lengths.values())
    for document, words in collection.documents.items():
        norm = _K1 * (1 - _B + _B * lengths[document] / mean)
        for term, count in Counter(map(stem, words)).items():
            postings[term].append((document, count / (count + norm)))
    ndcg: list[float] = []
    reciprocal_rank: list[float] = []
    for query, words in collection.queries.items():
        scores: dict[str, float] = defaultdict(float)
        for term in dict.fromkeys(map(stem, words)):
            found = postings.get(term, [])
            weight = math.log(1 + (len(lengths) - len(found) + 0.5) / (len(found) + 0.5))
            for document, share in found:
                scores[document] += weight * share
        best = heapq.nsmallest(10, scores, key=lambda document: (-scores[document], document))
        grades = [collection.judged[query].get(document, 0) for document in best]
        ideal = sorted(collection.judged[query].values(), reverse=True)[:10]
        ndcg.append(_gain(grades) / _gain(ideal))
        reciprocal_rank.append(next((1 / rank for rank, grade in enumerate(grades, 1) if grade > 0), 0.0))
    return Effect(ndcg, reciprocal_rank)


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _shown(effect: Effect, peer: Effect) -> str:
    shown = f"{statistics.fmean(effect.ndcg):.3f}, {statistics.fmean(effect.reciprocal_rank):.3f}"
    if effect is peer:
        return shown
    differences = [own - other for own, other in zip(effect.ndcg, peer.ndcg, strict=True)]
    # 95% of the difference in nDCG, query by query.
    margin = 1.96 * statistics.stdev(differences) / math.sqrt(len(differences))
    return f"{shown} ({statistics.fmean(differences):+.3f} ± {margin:.3f})"


if __name__ == "__main__":
    main()

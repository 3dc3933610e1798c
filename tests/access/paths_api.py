"""The JSON API as a read path: what a program, or a browser, is told of documents."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from indexer.model import Facet
from tests.access.asking import Leak, Look, require
from tests.access.world import COMMON, WORDS, Query

_SEARCH = "/api/v1/search"
# Words, none, one left out, a beginning, a phrase, and each facet: what a round of searches asks.
QUERIES = (
    Query(),
    Query(COMMON),
    Query(f"{WORDS[0]} {WORDS[1]}"),
    Query(f"{WORDS[2]} -{WORDS[0]}"),
    Query("zq*"),
    Query(facet=Facet.THEME, value="youth"),
    Query(f'"{COMMON}"', Facet.KIND, "report"),
    Query(WORDS[0], Facet.YEAR, "2020"),
)


def address_of(query: Query, base: str = _SEARCH, **more: str) -> str:
    """Return the address of a search."""
    filters = {query.facet.value: query.value} if query.facet is not None else {}
    text = {"q": query.text} if query.text else {}
    return f"{base}?{urlencode({**text, **filters, **more})}"


def search(look: Look) -> None:
    """Hits, total, snippets and counts of a round of searches."""
    for query in look.some(QUERIES):
        compare(look, query)


def search_of_a_canary(look: Look) -> None:
    """The words that only one document has: found by its readers; for others the answer is that to a word of nobody."""
    for part in look.some("tbas"):
        if look.may_read_focus or look.is_refused or look.stage.engine.is_away:
            compare(look, Query(look.focus.word(part)))
        else:
            word = look.focus.word(part) if part in "tb" else f"{look.focus.canary}*"
            look.same_as_a_word_of_nobody(f"{_SEARCH}?size=100&q={word}", word)


def counts(look: Look) -> None:
    """Totals and counts where nothing is shown but them, in every order and beyond the last page."""
    for sort in look.some(("relevance", "newest", "oldest", "title")):
        answer = _answer(look, address_of(Query(COMMON), sort=sort, size="1", page="99"))
        if answer is not None:
            must, may = look.stage.world.found(Query(COMMON), look.viewer, look.now)
            require(len(must) <= answer["total"] <= len(may), f"{look.reader.name}: a total of {answer['total']}")
            _compare_counts(look, Query(COMMON), answer)


def compare(look: Look, query: Query) -> None:
    """Compare a search with what it must give, and may give while the index is behind."""
    answer = _answer(look, address_of(query, size="100"), query)
    if answer is None:
        return
    must, may = look.stage.world.found(query, look.viewer, look.now)
    found = {hit["document_id"] for hit in answer["hits"]}
    if found - may:
        raise Leak(f"{look.reader.name}: {query} gives {sorted(found - may)}")
    if must - found:
        raise Leak(f"{look.reader.name}: {query} does not give {sorted(must - found)}")
    require(answer["total"] == len(found), f"{look.reader.name}: {query} counts {answer['total']} of {len(found)}")
    _compare_counts(look, query, answer)


def _compare_counts(look: Look, query: Query, answer: dict[str, Any]) -> None:
    for facet in (Facet.THEME, Facet.KIND, Facet.YEAR):
        least, most = look.stage.world.counts(query, facet, look.viewer, look.now)
        counted = {value["id"]: value["count"] for value in answer["facets"][facet.value]}
        for value in {*counted, *most}:
            number = counted.get(value, 0)
            if not least[value] <= number <= most[value]:
                raise Leak(f"{look.reader.name}: {query} counts {number} of {facet.value} {value}")


def _answer(look: Look, address: str, query: Query | None = None) -> dict[str, Any] | None:
    """Return the answer to a search, None while the engine is away."""
    answer = look.ask(address, asked_for=query.text.replace('"', "").split() if query and "zq" in query.text else ())
    if look.stage.engine.is_away:
        require(answer.status == 503, f"{address} answers {answer.status} without an engine")
        return None
    if look.is_refused:
        require(answer.status == 401, f"{look.reader.name}: a token that is not good gets {answer.status}")
        return None
    require(answer.status == 200, f"{address} answers {answer.status}")
    found: dict[str, Any] = answer.json
    return found


def document(look: Look) -> None:
    """The document object, and what it says of others."""
    address = f"/api/v1/documents/{look.focus.id}"
    if look.is_refused:
        require(look.ask(address, may_show=(), asked_for=(look.focus.id,)).status == 401, "a token that is not good")
        return
    if look.may_read_focus:
        answer = look.ask(address)
        require(answer.status == 200, f"{look.reader.name}: {address} answers {answer.status}")
        _compare_versions(look, answer.json)
    elif look.may_see_tombstone:
        answer = look.ask(address, may_show=look.named)
        require(answer.status == 410, f"{look.reader.name}: {address} answers {answer.status}")
    else:
        look.same_as_nothing(address)


def _compare_versions(look: Look, told: dict[str, Any]) -> None:
    """Compare the versions that a document is said to have with those that the reader may read."""
    world = look.stage.world
    beside = {pair for pair in world.new_versions if look.focus.id in pair}
    expected = {one for pair in beside for one in pair if one != look.focus.id} & look.readable
    found = {other["document_id"] for other in told["relations"] if other["class"] == "new-version"}
    require(found == expected, f"{look.reader.name}: versions {sorted(found)}, not {sorted(expected)}")

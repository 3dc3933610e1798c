"""The site as a read path: the pages that everybody may open, and the originals."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser

from indexer.model import Facet
from tests.access.asking import Answer, Leak, Look, require
from tests.access.paths_api import address_of
from tests.access.world import COMMON, WORDS, Query

IN_ADDRESS = re.compile(r"/documents/([a-z0-9]+)")
_BOTH = ("", "/en")


def home(look: Look) -> None:
    """The number of documents, the newest of them, and the numbers under each facet."""
    for prefix in look.some(_BOTH):
        page = page_of(look, look.ask(f"{prefix}/"))
        if page is None:
            continue
        must, may = look.stage.world.found(Query(), look.viewer, look.now)
        total = number_of(page, ".total a")
        require(len(must) <= total <= len(may), f"{look.reader.name}: the home page counts {total}")
        compare_shown(look, page, ".newest .hit-title a", may)
        for facet in (Facet.THEME, Facet.KIND):
            compare_ways(look, page, Query(), facet)


def results(look: Look) -> None:
    """The page of results: total, hits, snippets, and the numbers beside each choice."""
    for query in look.some((Query(COMMON), Query(WORDS[0], Facet.THEME, "youth"))):
        _compare_results(look, query)


def results_of_a_canary(look: Look) -> None:
    """A search for a word that only one document has, on the page."""
    word = look.focus.word("b")
    if look.may_read_focus or look.stage.engine.is_away:
        _compare_results(look, Query(word))
    else:
        look.same_as_a_word_of_nobody(f"/search?q={word}", word)


def _compare_results(look: Look, query: Query) -> None:
    asked_for = (query.text,) if "zq" in query.text else ()
    page = page_of(look, look.ask(address_of(query, "/search", size="50"), asked_for=asked_for))
    if page is None:
        return
    must, may = look.stage.world.found(query, look.viewer, look.now)
    shown = compare_shown(look, page, ".hit-title a", may)
    require(must <= shown, f"{look.reader.name}: {query} does not show {sorted(must - shown)}")
    total = number_of(page, ".found-total")
    require(total == len(shown), f"{look.reader.name}: {query} counts {total} of {len(shown)}")
    for facet in (Facet.THEME, Facet.KIND, Facet.YEAR):
        least, most = look.stage.world.counts(query, facet, look.viewer, look.now)
        for choice in page.css(f'.choice:has(input[name="{facet.value}"])'):
            value = choice.css_first("input").attributes["value"] or ""  # type: ignore[union-attr]
            number = int(choice.css_first(".count").text())  # type: ignore[union-attr]
            require(least[value] <= number <= most[value], f"{look.reader.name}: {number} of {value}")


def document(look: Look) -> None:
    """The page of a document: itself, the versions beside it, and what of it matches a search."""
    for prefix in look.some(_BOTH):
        base = f"{prefix}/documents/{look.focus.id}"
        for address in look.some((base, f"{base}?q={COMMON}+zq*", f"{base}?q={WORDS[0]}&theme=youth")):
            if look.may_read_focus:
                answer = look.ask(address)
                require(answer.status == 200, f"{look.reader.name}: {address} answers {answer.status}")
                require(look.focus.word("t") in answer.text, f"{look.reader.name}: {address} has no title")
                _compare_links(look, answer)
            else:
                _is_closed(look, address)


def pages(look: Look) -> None:
    """The text of a document page by page, and the way from a number to a page."""
    base = f"/documents/{look.focus.id}/pages"
    if not look.may_read_focus:
        forms = (f"{base}/1", f"{base}/2?q=zq*", f"{base}/99", f"/en{base}?number=2", f"{base}?number=99&q=x")
        for address in look.some(forms):
            _is_closed(look, address)
        return
    word = look.focus.word("b")
    for address, status in look.some(
        [(f"{base}/1", 200), (f"{base}/2?q={word}", 200), (f"{base}/3", 404), (f"{base}?number=9", 302)]
    ):
        answer = look.ask(address)
        require(answer.status == status, f"{look.reader.name}: {address} answers {answer.status}")
        require((word in answer.text) is (status == 200), f"{look.reader.name}: the text of {address}")


def original(look: Look) -> None:
    """The original: whole, in part, its head, and whether a copy is still good."""
    address = f"/documents/{look.focus.id}/files/{look.focus.sha256}"
    variants: tuple[tuple[str, str, dict[str, str], int], ...] = (
        ("GET", "", {}, 200),
        ("GET", "?save=1", {}, 200),
        ("HEAD", "", {}, 200),
        ("GET", "", {"Range": "bytes=0-3"}, 206),
        ("GET", "", {"If-None-Match": f'"{look.focus.sha256}"'}, 304),
    )
    for method, query, headers, status in look.some(variants):
        if look.may_read_focus:
            answer = look.ask(f"{address}{query}", method=method, headers=headers)
            require(answer.status == status, f"{look.reader.name}: {method} {address} answers {answer.status}")
        else:
            _is_closed(look, f"{address}{query}", method=method, headers=headers)
    others = [known for known in look.stage.world.documents.values() if known is not look.focus]
    for other in look.some(others) if others else ():
        # Through a document that may be read, an original of another.
        crossed = f"/documents/{look.focus.id}/files/{other.sha256}"
        answer = look.ask(crossed, asked_for=(other.sha256, look.focus.id), may_show=look.named)
        require(answer.status in {404, 410}, f"{look.reader.name}: {crossed} answers {answer.status}")


def nothing_there(look: Look) -> None:
    """Addresses that are almost right: no answer says more than that there is nothing."""
    almost = (
        f"/documents/{look.focus.id}x",
        f"/documents/{look.focus.id.upper()}/pages/1",
        f"/documents/{quote(look.focus.id + '/..')}",
        f"/documents/{look.focus.id}/files/{look.focus.sha256[:-1]}",
        f"/documents/{look.focus.id}/unknown",
    )
    for address in look.some(almost):
        asked_for = (look.focus.id, look.focus.id.upper(), look.focus.sha256[:-1])
        answer = look.ask(address, may_show=look.named, asked_for=asked_for)
        require(answer.status in {404, 410}, f"{look.reader.name}: {address} answers {answer.status}")
    if not look.may_read_focus:
        for method in look.some(("POST", "PUT", "DELETE", "PATCH", "OPTIONS")):
            look.same_as_nothing(f"/documents/{look.focus.id}", method=method)


def _is_closed(look: Look, address: str, **options: Any) -> None:
    """An address of a document that the reader may not read: a tombstone for who could, else as if there were none."""
    if look.may_see_tombstone:
        answer = look.ask(address, may_show=look.named, **options)
        require(answer.status == 410, f"{look.reader.name}: {address} answers {answer.status}")
        require(look.focus.word("b") not in answer.text, f"{look.reader.name}: {address} shows what was withdrawn")
    else:
        look.same_as_nothing(address, **options)


def page_of(look: Look, answer: Answer) -> LexborHTMLParser | None:
    """Return a page that needs the engine, None while it is away."""
    if look.stage.engine.is_away:
        require(answer.status == 503, f"a search answers {answer.status} without an engine")
        return None
    require(answer.status == 200, f"{look.reader.name}: a page answers {answer.status}")
    return LexborHTMLParser(answer.text)


def number_of(page: LexborHTMLParser, selector: str) -> int:
    node = page.css_first(selector)
    assert node is not None, selector
    return int(re.sub(r"\D", "", node.text(deep=True).split("·")[0]))


def compare_shown(look: Look, page: LexborHTMLParser, selector: str, may: set[str]) -> set[str]:
    """Return the documents to which the links of a page lead, which must be among these."""
    links = [link.attributes["href"] or "" for link in page.css(selector)]
    shown = {found[1] for link in links if (found := IN_ADDRESS.search(link))}
    if shown - may:
        raise Leak(f"{look.reader.name}: a page links to {sorted(shown - may)}")
    return shown


def compare_ways(look: Look, page: LexborHTMLParser, query: Query, facet: Facet) -> None:
    """The numbers beside the values of a facet must be those of what may be found."""
    least, most = look.stage.world.counts(query, facet, look.viewer, look.now)
    for link in page.css(".browse a"):
        value = re.search(rf"[?&]{facet.value}=([\w-]+)", link.attributes["href"] or "")
        count = link.css_first(".count")
        if value and count is not None:
            number = int(count.text())
            require(least[value[1]] <= number <= most[value[1]], f"{look.reader.name}: {number} of {value[1]}")


def _compare_links(look: Look, answer: Answer) -> None:
    """The versions that the page of a document links to must be those that the reader may read."""
    world = look.stage.world
    expected = {one for pair in world.new_versions if look.focus.id in pair for one in pair} & look.readable
    linked = set(IN_ADDRESS.findall(answer.text)) & world.documents.keys()
    require(expected <= linked, f"{look.reader.name}: the page does not link to {sorted(expected - linked)}")

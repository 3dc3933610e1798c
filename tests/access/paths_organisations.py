"""The pages of organisations as a read path: what each published, as far as the reader may read it."""

from __future__ import annotations

from indexer.model import Facet
from tests.access.asking import Look, require
from tests.access.paths_site import compare_shown, compare_ways, number_of, page_of
from tests.access.world import Query


def organisations(look: Look) -> None:
    """The list of organisations, with the number of documents of each that may be found."""
    page = page_of(look, look.ask("/organisations"))
    if page is None:
        return
    least, most = look.stage.world.counts(Query(), Facet.ORGANISATION, look.viewer, look.now)
    for link in page.css(".organisations .browse a"):
        organisation_id = (link.attributes["href"] or "").rsplit("/", 1)[-1]
        count = link.css_first(".count")
        number = int(count.text()) if count is not None else 0
        require(
            least[organisation_id] <= number <= most[organisation_id],
            f"{look.reader.name}: {number} documents of {organisation_id}",
        )


def organisation(look: Look) -> None:
    """The page of an organisation: total, the newest, and the numbers under each facet."""
    for value in look.some(("satu", "dua")):
        page = page_of(look, look.ask(f"/organisations/{value}"))
        if page is None:
            continue
        query = Query(facet=Facet.ORGANISATION, value=value)
        must, may = look.stage.world.found(query, look.viewer, look.now)
        shown = compare_shown(look, page, ".hit-title a", may)
        require(min(len(must), 5) <= len(shown), f"{look.reader.name}: {value} shows {len(shown)} of {len(must)}")
        total = number_of(page, ".onward a") if page.css_first(".onward a") is not None else 0
        require(len(must) <= total <= len(may), f"{look.reader.name}: {value} has {total}")
        for facet in (Facet.THEME, Facet.KIND, Facet.YEAR):
            compare_ways(look, page, query, facet)

"""What stands around the hits: facets to choose from, what is chosen, and the way to other pages of results."""

from __future__ import annotations

from dataclasses import dataclass

from app.i18n import gettext
from app.parameters import SearchParameters
from app.site.links import link
from indexer.model import MAX_WINDOW, Facet, FacetValue, SearchResponse

_SHOWN = 6
# Those that most people narrow by stand open; the others open when something in them is chosen.
_OPEN = frozenset({Facet.KIND, Facet.THEME, Facet.PROVINCE, Facet.YEAR})
# Pages of results next to the present one that are named.
_NEIGHBOURS = 2


@dataclass(frozen=True, slots=True)
class Panel:
    """A facet to choose from. `rest` are the values that are not shown at first."""

    facet: str
    name: str
    shown: tuple[FacetValue, ...]
    rest: tuple[FacetValue, ...]
    chosen: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A value that is chosen, and the address without it."""

    name: str
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Paging:
    """The way to other pages: numbers and addresses, None standing for a gap."""

    current: int
    last: int
    previous: str | None
    following: str | None
    pages: tuple[tuple[int, str] | None, ...]


def facet_name(facet: Facet) -> str:
    """Return what people call a facet."""
    names = {
        Facet.KIND: gettext("Kind"),
        Facet.THEME: gettext("Theme"),
        Facet.PROVINCE: gettext("Province"),
        Facet.ORGANISATION: gettext("Organisation"),
        Facet.GROUP: gettext("Stakeholder group"),
        Facet.PRIORITY: gettext("National priority"),
        Facet.LANGUAGE: gettext("Language"),
        Facet.YEAR: gettext("Year"),
    }
    return names[facet]


def panels(response: SearchResponse, parameters: SearchParameters) -> list[Panel]:
    """Return the facets that have something to choose from, in their order; chosen values come first."""
    found = (_panel(facet, response.facets.get(facet, ())) for facet in Facet)
    return [panel for panel in found if panel.shown or panel.facet == Facet.YEAR.value]


def _panel(facet: Facet, values: tuple[FacetValue, ...]) -> Panel:
    if facet is Facet.YEAR:
        # A range stands in fields of its own.
        values = tuple(sorted((v for v in values if ".." not in v.id), key=lambda v: v.id, reverse=True))
    ordered = sorted(values, key=lambda value: not value.selected)
    chosen = sum(value.selected for value in ordered)
    shown = max(_SHOWN, chosen)
    if len(ordered) == shown + 1:
        shown += 1  # nothing is gained by hiding one
    return Panel(
        facet=facet.value,
        name=facet_name(facet),
        shown=tuple(ordered[:shown]),
        rest=tuple(ordered[shown:]),
        chosen=chosen,
        is_open=facet in _OPEN or bool(chosen),
    )


def year_bounds(parameters: SearchParameters) -> tuple[str, str]:
    """Return the first and last year of the range that is chosen, empty where it is open."""
    chosen = next((value for value in parameters.year if ".." in value), "..")
    first, _, last = chosen.partition("..")
    return first, last


def chips(response: SearchResponse, parameters: SearchParameters) -> list[Chip]:
    """Return what is chosen, each with the address of the same search without it."""
    labels = {(facet, value.id): value.label for facet, values in response.facets.items() for value in values}
    return [
        Chip(
            name=facet_name(facet),
            label=labels.get((facet, value), value),
            address=link("search", **parameters.without(facet, value).arguments()),
        )
        for facet, values in parameters.filters.items()
        for value in values
    ]


def paging(response: SearchResponse, parameters: SearchParameters) -> Paging | None:
    """Return the way to the other pages of results, None when there is only one."""
    last = -(-min(response.total, MAX_WINDOW) // response.size)
    current = response.page
    if not last or (last < 2 and current == 1):
        return None

    def address(page: int) -> str:
        return link("search", **parameters.changed(page=page).arguments())

    near = range(current - _NEIGHBOURS, current + _NEIGHBOURS + 1)
    numbers = sorted({1, last, *near} & set(range(1, last + 1)))
    pages: list[tuple[int, str] | None] = []
    for number in numbers:
        before = pages[-1][0] if pages and pages[-1] else 0
        if number == before + 2:
            pages.append((number - 1, address(number - 1)))
        elif number > before + 1:
            pages.append(None)
        pages.append((number, address(number)))
    return Paging(
        current=current,
        last=last,
        previous=address(min(current - 1, last)) if current > 1 else None,
        following=address(current + 1) if current < last else None,
        pages=tuple(pages),
    )

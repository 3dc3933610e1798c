"""The parameters of a search in an address: one model, read strictly by the API and leniently by the site.

`q, theme, province, kind, organisation, group, priority, language, year, sort, size, page`; those of facets may be
repeated. An address that is made from them leaves out what is at its default, so that the same search has one address.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from werkzeug.datastructures import MultiDict

from holdings.access import Viewer
from indexer.facets import is_year
from indexer.model import DEFAULT_SIZE, MAX_SIZE, Facet, Language, SearchRequest, Sort

_MAX_PAGE = 1_000_000_000


class SearchParameters(BaseModel):
    """What an address says of a search."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: str = Field("", description='Words, "a phrase", AND OR NOT, -without, begin*, (groups), title:word.')
    kind: list[str] = Field([], description="Kinds of document, by id.")
    theme: list[str] = Field([], description="Themes, by id.")
    province: list[str] = Field([], description="Provinces, by Kemendagri code, such as 33.")
    organisation: list[str] = Field([], description="Organisations that issued the document, by id.")
    group: list[str] = Field([], description="Stakeholder groups, by id.")
    priority: list[str] = Field([], description="National priorities, by id.")
    language: list[str] = Field([], description="Languages, by ISO 639-1 code; `und` where it is unknown.")
    year: list[str] = Field([], description="Years, `2018`, or ranges, `2015..2020`; either end may be left out.")
    sort: Sort = Field(Sort.RELEVANCE, description="Order of the hits; without `q`, the newest come first.")
    size: int = Field(DEFAULT_SIZE, ge=1, le=MAX_SIZE, description="Hits on a page.")
    page: int = Field(1, ge=1, le=_MAX_PAGE, description="Page of the hits.")

    @field_validator("year")
    @classmethod
    def _years(cls, values: list[str]) -> list[str]:
        if wrong := [value for value in values if not is_year(value)]:
            raise ValueError(f"{wrong[0]!r} is neither a year nor a range of years")
        return values

    def selected(self, facet: Facet) -> tuple[str, ...]:
        """Return the chosen values of a facet, each once."""
        return tuple(dict.fromkeys(getattr(self, facet.value)))

    @property
    def filters(self) -> dict[Facet, tuple[str, ...]]:
        """Return the chosen values by facet; facets of which nothing is chosen are left out."""
        return {facet: self.selected(facet) for facet in Facet if self.selected(facet)}

    def request(self, viewer: Viewer, label_language: Language) -> SearchRequest:
        """Return the search that these parameters ask for."""
        return SearchRequest(
            query=self.q,
            filters=self.filters,
            sort=self.sort,
            page=self.page,
            size=self.size,
            viewer=viewer,
            label_language=label_language,
        )

    def arguments(self) -> dict[str, Any]:
        """Return the parameters that are not at their default, as `url_for` takes them."""
        chosen = {facet.value: list(values) for facet, values in self.filters.items()}
        rest = {"sort": self.sort.value, "size": self.size, "page": self.page}
        usual = {"sort": Sort.RELEVANCE.value, "size": DEFAULT_SIZE, "page": 1}
        query = {"q": self.q} if self.q else {}
        return {**query, **chosen, **{name: value for name, value in rest.items() if value != usual[name]}}

    def pairs(self, *, without: Iterable[str] = ()) -> list[tuple[str, str]]:
        """Return `arguments` as names and values, for the hidden fields of a form."""
        left_out = set(without)
        listed: list[tuple[str, str]] = []
        for name, value in self.arguments().items():
            if name not in left_out:
                values = value if isinstance(value, list) else [value]
                listed += [(name, str(one)) for one in values]
        return listed

    def changed(self, **changes: Any) -> SearchParameters:
        """Return these parameters with some changed, on the first page unless `page` is among them."""
        return self.model_copy(update={"page": 1, **changes})

    def without(self, facet: Facet, value: str) -> SearchParameters:
        """Return these parameters with one value of a facet no longer chosen."""
        return self.changed(**{facet.value: [v for v in self.selected(facet) if v != value]})

    def cleared(self) -> SearchParameters:
        """Return these parameters with nothing chosen in any facet."""
        return self.changed(**{facet.value: [] for facet in Facet})


def read_leniently(arguments: MultiDict[str, str]) -> tuple[SearchParameters, tuple[str, ...]]:
    """Return what can be read of an address, and the names of the parameters that could not."""
    given = as_fields(arguments)
    ignored: list[str] = []
    while True:
        try:
            return SearchParameters.model_validate(given), tuple(ignored)
        except ValidationError as error:
            for name in {str(problem["loc"][0]) for problem in error.errors()}:
                given.pop(name, None)
                ignored.append(name)


def as_fields(arguments: MultiDict[str, str]) -> dict[str, Any]:
    """Return the parameters of an address: lists for those of facets, else the last value given."""
    many = {facet.value for facet in Facet}
    return {name: arguments.getlist(name) if name in many else arguments.getlist(name)[-1] for name in arguments}

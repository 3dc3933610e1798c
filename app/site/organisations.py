"""The pages of organisations: all of them by stakeholder group, and each with what it published.

What is counted and listed comes from `discover`, so it is what the viewer may read, now.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from app.hub import current_hub, current_viewer
from app.i18n import current_language
from app.parameters import SearchParameters
from app.site.hits import hit_views
from app.site.links import link
from holdings.errors import UnknownIdError
from holdings.model import Organisation
from holdings.profiles import is_id
from indexer.discover import discover
from indexer.facets import facet_label
from indexer.hub import Hub
from indexer.model import Facet, Language, SearchRequest, Sort

_NEWEST = 5


@dataclass(frozen=True, slots=True)
class Line:
    """An organisation in the list. `count` is None where the viewer may read nothing that it published."""

    id: str
    label: str
    count: int | None


def organisations() -> str:
    """Show all organisations by stakeholder group. Their names are no secret; what they published may be."""
    hub, language = current_hub(), current_language()
    response = discover(hub, SearchRequest(size=1, viewer=current_viewer(), label_language=language))
    counts = {value.id: value.count for value in response.facets[Facet.ORGANISATION]}
    listed = hub.organisations.all(fresh=True).values()
    groups = [
        (group.label(language), _lines([o for o in listed if o.group == group.id], counts, language))
        for group in hub.vocabularies.stakeholder_groups.values()
    ]
    others = _lines([o for o in listed if o.group not in hub.vocabularies.stakeholder_groups], counts, language)
    return render_template(
        "organisations.html", groups=[(name, lines) for name, lines in groups if lines], others=others
    )


def organisation(organisation_id: str) -> ResponseReturnValue:
    """Show an organisation. A former id leads on. Raises UnknownIdError."""
    hub, language = current_hub(), current_language()
    found = _find(hub, organisation_id)
    if found.id != organisation_id:
        return redirect(link("organisation", organisation_id=found.id), 301)
    parameters = SearchParameters(organisation=[found.id])  # type: ignore[call-arg]
    asked = SearchRequest(
        filters=parameters.filters,
        sort=Sort.NEWEST,
        size=_NEWEST,
        viewer=current_viewer(),
        label_language=language,
    )
    response = discover(hub, asked)
    return render_template(
        "organisation.html",
        organisation=found,
        group=facet_label(hub, Facet.GROUP, found.group, language) if found.group else "",
        description=found.description(language),
        parameters=parameters,
        total=response.total,
        hits=hit_views(hub, response, parameters, language),
        themes=response.facets[Facet.THEME],
        kinds=response.facets[Facet.KIND],
        years=sorted(response.facets[Facet.YEAR], key=lambda value: value.id, reverse=True),
    )


def _find(hub: Hub, organisation_id: str) -> Organisation:
    # What cannot be an id does not reach the catalogue: a database may refuse the characters of an address.
    present = hub.organisations.present(organisation_id) if is_id(organisation_id) else None
    found = hub.organisations.all().get(present) if present is not None else None
    if found is None:
        raise UnknownIdError("There is no such organisation")
    return found


def _lines(listed: list[Organisation], counts: dict[str, int], language: Language) -> list[Line]:
    lines = [Line(one.id, one.label(language), counts.get(one.id)) for one in listed]
    return sorted(lines, key=lambda line: line.label.casefold())

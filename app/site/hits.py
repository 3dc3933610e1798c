"""Hits as the pages show them: labels instead of ids, addresses, and what matched as HTML."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from app.contract import marked_html, snippet_html
from app.i18n import gettext
from app.parameters import SearchParameters
from app.site.links import link
from holdings.model import DocumentField, PageUnit
from indexer.facets import facet_label
from indexer.hub import Hub
from indexer.model import Facet, Hit, Language, SearchResponse

_THEMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class PageView:
    """A page that matched."""

    name: str
    address: str
    snippet: Markup
    by_ocr: bool


@dataclass(frozen=True, slots=True)
class HitView:
    """A document that was found.

    `inferred` names what in the line about it the hub inferred, `subjects_inferred` what among the subjects;
    `all_inferred` says that nothing in the line was stated by a person.
    """

    address: str
    title: Markup
    kind: str
    date: str | None
    language: str
    text_language: str
    pages: int
    organisations: tuple[str, ...]
    subjects: tuple[str, ...]
    more_subjects: int
    abstract: str | None
    page_views: tuple[PageView, ...]
    title_inferred: bool
    title_by_ocr: bool
    inferred: tuple[str, ...]
    all_inferred: bool
    subjects_inferred: tuple[str, ...]
    abstract_inferred: bool


def hit_views(hub: Hub, response: SearchResponse, parameters: SearchParameters, language: Language) -> list[HitView]:
    """Return the hits of a response. Their addresses carry the search, so that there is a way back to it."""
    return [_hit_view(hub, hit, parameters, language) for hit in response.hits]


def _hit_view(hub: Hub, hit: Hit, parameters: SearchParameters, language: Language) -> HitView:
    def label(facet: Facet, value: str) -> str:
        return facet_label(hub, facet, value, language)

    search = parameters.arguments()
    shown = [
        DocumentField(name)
        for name, value in (
            ("kind", hit.kind),
            ("date", hit.date),
            ("organisation", hit.organisations),
            ("language", language_name(hub, hit.language, language)),
        )
        if value
    ]
    about = [DocumentField(name) for name, values in (("themes", hit.themes), ("provinces", hit.provinces)) if values]
    inferred = [field_name(field) for field in shown if field in hit.inferred]
    subjects = [label(Facet.PROVINCE, value) for value in hit.provinces]
    subjects = [*(label(Facet.THEME, value) for value in hit.themes), *subjects]
    return HitView(
        address=link("document", document_id=hit.document_id, **search),
        title=marked_html(hit.title, hit.title_marks),
        kind=label(Facet.KIND, hit.kind) if hit.kind else "",
        date=hit.date,
        language=language_name(hub, hit.language, language),
        text_language=text_language(hit.language),
        pages=hit.pages,
        organisations=tuple(label(Facet.ORGANISATION, value) for value in hit.organisations),
        subjects=tuple(subjects[:_THEMES_SHOWN]),
        more_subjects=max(0, len(subjects) - _THEMES_SHOWN),
        abstract=hit.abstract,
        page_views=tuple(
            PageView(
                name=page_name(page.unit, page.page),
                address=link("page", document_id=hit.document_id, number=page.page, **search),
                snippet=snippet_html(page.snippet),
                by_ocr=page.by_ocr,
            )
            for page in hit.page_hits
        ),
        title_inferred=DocumentField.TITLE in hit.inferred,
        title_by_ocr=hit.title_by_ocr,
        inferred=tuple(inferred),
        all_inferred=1 < len(inferred) == len(shown),
        subjects_inferred=tuple(field_name(field) for field in about if field in hit.inferred),
        abstract_inferred=DocumentField.ABSTRACT in hit.inferred,
    )


def field_name(field: DocumentField) -> str:
    """Return what a mark calls a field whose value was inferred."""
    names = {
        DocumentField.TITLE: gettext("title"),
        DocumentField.KIND: gettext("kind"),
        DocumentField.NUMBER: gettext("number"),
        DocumentField.DATE: gettext("date"),
        DocumentField.LANGUAGE: gettext("language"),
        DocumentField.ORGANISATION: gettext("organisation"),
        DocumentField.AUTHOR: gettext("authors"),
        DocumentField.THEME: gettext("theme"),
        DocumentField.PROVINCE: gettext("province"),
    }
    return names[field]


def language_name(hub: Hub, code: str, language: Language) -> str:
    """Return in which language a text is; empty where that is unknown."""
    if code == "und":
        return ""
    return gettext("In %(language)s") % {"language": facet_label(hub, Facet.LANGUAGE, code, language)}


def page_name(unit: str, number: int) -> str:
    """Return what people call a page when they cite it."""
    match PageUnit(unit):
        case PageUnit.PAGE:
            name = gettext("Page %(number)s")
        case PageUnit.SLIDE:
            name = gettext("Slide %(number)s")
        case PageUnit.SHEET:
            name = gettext("Sheet %(number)s")
        case PageUnit.SECTION:
            name = gettext("Section %(number)s")
    return name % {"number": number}


def text_language(code: str) -> str:
    """Return the `lang` attribute of a text in a language; empty, which says unknown, where it is."""
    return "" if code == "und" else code

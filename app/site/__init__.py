"""The site: pages in HTML that work without scripts, in Indonesian at `/…` and in English at `/en/…`."""

from __future__ import annotations

from flask import Blueprint, Flask, Response
from werkzeug.routing import BaseConverter

from app import i18n, members
from app.hub import current_hub
from app.site import documents, home, links, organisations, results


class PageNumber(BaseConverter):
    """The number of a page in an address; what has more digits than any document has pages is no such number."""

    regex = r"\d{1,7}"

    def to_python(self, value: str) -> int:
        return int(value)


def register_site(app: Flask) -> None:
    """Add the pages to `app`, once for each language."""
    app.url_map.converters["page_number"] = PageNumber
    site = _site()
    for language in i18n.LANGUAGES:
        prefix = None if language == i18n.DEFAULT_LANGUAGE else f"/{language}"
        app.register_blueprint(site, name=language, url_prefix=prefix)
    app.add_url_rule("/robots.txt", "robots", _robots)
    app.add_url_rule("/favicon.ico", "icon", lambda: app.send_static_file("mark.svg"))
    app.context_processor(_words)
    app.jinja_env.globals.update(link=links.link, other_languages=links.other_languages, asset=links.asset)


def _site() -> Blueprint:
    site = Blueprint("site", __name__)
    site.add_url_rule("/", "home", home.home)
    site.add_url_rule("/search", "search", results.search)
    site.add_url_rule("/documents/<document_id>", "document", documents.document)
    site.add_url_rule("/documents/<document_id>/pages", "go_to_page", documents.go_to_page)
    site.add_url_rule("/documents/<document_id>/pages/<page_number:number>", "page", documents.page)
    site.add_url_rule("/documents/<document_id>/files/<sha256>", "file", documents.file)
    site.add_url_rule("/organisations", "organisations", organisations.organisations)
    site.add_url_rule("/organisations/<organisation_id>", "organisation", organisations.organisation)
    members.add_routes(site)
    return site


def _words() -> dict[str, object]:
    """Return what every page needs: its language, and the name of the hub and of those who run it."""
    settings = current_hub().settings.app
    language = i18n.current_language()
    return {
        "language": language,
        "hub_name": settings.name_en if language == "en" else settings.name_id,
        "contact": settings.contact.strip(),
        **members.menu(),
    }


def _robots() -> Response:
    lines = ["User-agent: *", "Disallow: /search", "Disallow: /en/search", "Disallow: /api/", ""]
    return Response("\n".join(lines), mimetype="text/plain")

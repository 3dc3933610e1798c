"""Every way on which the hub shows documents, in one table.

A path asks the hub as a reader does and compares what it shows with what the world says. `asking` looks through every
byte for the canaries of what the reader may not know; what stands here is what each path must show besides, and how it
must answer where there is nothing for this reader.

Each names the endpoints and commands that it goes through. `test_completeness` fails when the hub has one that stands
neither in a path nor among those that show no document.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.access import paths_api, paths_command_line, paths_desk, paths_letters, paths_organisations, paths_site
from tests.access.asking import Look


@dataclass(frozen=True, slots=True)
class Path:
    """A way on which documents are shown, and what goes through it."""

    look: Callable[[Look], None]
    endpoints: frozenset[str] = frozenset()
    commands: frozenset[str] = frozenset()

    @property
    def takes_a_token(self) -> bool:
        """Say whether it is there for who shows a token as well: the API, and what is not asked over HTTP."""
        return not self.endpoints or any(endpoint.startswith("api.") for endpoint in self.endpoints)


def _path(look: Callable[[Look], None], *endpoints: str, commands: tuple[str, ...] = ()) -> Path:
    return Path(look, frozenset(endpoints), frozenset(commands))


PATHS: dict[str, Path] = {
    "home": _path(paths_site.home, "home"),
    "search page": _path(paths_site.results, "search"),
    "search page by a canary": _path(paths_site.results_of_a_canary, "search"),
    "document page": _path(paths_site.document, "document"),
    "pages of a document": _path(paths_site.pages, "page", "go_to_page"),
    "original": _path(paths_site.original, "file"),
    "errors and redirects": _path(paths_site.nothing_there, "document", "page", "go_to_page", "file"),
    "search": _path(paths_api.search, "api.search"),
    "search by a canary": _path(paths_api.search_of_a_canary, "api.search"),
    "totals and facets": _path(paths_api.counts, "api.search"),
    "document object": _path(paths_api.document, "api.document"),
    "organisations": _path(paths_organisations.organisations, "organisations"),
    "organisation page": _path(paths_organisations.organisation, "organisation"),
    "review queue": _path(paths_desk.queue, "review"),
    "document at the desk": _path(
        paths_desk.reviewed,
        *("review_document", "review_preview", "review_preview_page", "review_file"),
        *("review_access", "review_withdraw", "review_purge"),
    ),
    "steps at the desk": _path(paths_desk.steps, "discard_draft", "personal_data", "review_allow_again"),
    "drafts": _path(paths_desk.drafts, "draft", "draft_page", "compared"),
    "own work": _path(paths_desk.own_work, "work"),
    "notices": _path(paths_desk.notices, "notices"),
    "reports": _path(paths_desk.reports, "report", "review_reports"),
    "own data": _path(paths_desk.own_data, "export_own_data"),
    "upload form": _path(paths_desk.upload_form, "uploads"),
    "uploads": _path(paths_desk.uploads, "api.list_uploads"),
    "administration": _path(
        paths_desk.administration,
        *("administration", "administered_people", "invite_person", "administered_organisations", "new_organisation"),
        *("import_organisations", "administered_vocabularies", "administered_vocabulary", "administered_files"),
        *("administered_index", "administered_mail", "audit_log"),
    ),
    "administration of one": _path(
        paths_desk.administration_of_one,
        *("administered_person", "administered_organisation", "administered_term", "receipt", "review_report"),
    ),
    "letters written": _path(paths_letters.written, commands=("alerts send",)),
    "letters sent": _path(paths_letters.sent, commands=("alerts send",)),
    "feed": _path(paths_letters.feed, "feed"),
    "command line: search": _path(paths_command_line.search, commands=("search",)),
    "command line: duplicates": _path(paths_command_line.duplicates, commands=("duplicates list",)),
}


def endpoint_of(endpoint: str) -> str:
    """Return the name of an endpoint without its language: pages stand in both under one name."""
    return re.sub(r"^(id|en)\.", "", endpoint)

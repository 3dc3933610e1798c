"""The list of what a person is told of, each in a sentence of the page's language.

A notice names a document only while its reader may look at it: that is asked each time that the list is shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import current_language, gettext
from app.people import person, signed_in_only
from app.site.links import link
from desk.addresses import localised
from desk.naming import nameable
from desk.reachable import OF_READERS, open_pages
from holdings import documents, notices
from holdings.accounts import Account
from holdings.errors import UnknownIdError
from holdings.notices import Notice

_ON_A_PAGE = 50
_MOST_PAGES = 1000
_PATH = re.compile(r"/(?!/)")
# What the database has numbers for.
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as its reader meets it, without an address where there is none to be opened.

    `is_closed` says that this is so since its document is no longer open to its reader.
    """

    id: int
    sentence: str
    address: str
    is_closed: bool
    comment: str
    at: datetime
    is_read: bool


def add_routes(site: Blueprint) -> None:
    """Add the list of notices."""
    site.add_url_rule("/notices", "notices", listed)
    site.add_url_rule("/notices/read", "read_notices", read, methods=["POST"])


@signed_in_only
def listed() -> str:
    """Show what the person is told of, newest first."""
    hub, account = current_hub(), person()
    number = min(max(1, request.args.get("page", 1, type=int)), _MOST_PAGES)
    with hub.catalogue.read() as session:
        found = notices.of(session, account.id, limit=_ON_A_PAGE + 1, offset=(number - 1) * _ON_A_PAGE)
        shown = found[:_ON_A_PAGE]
        named = documents.get_many(session, sorted({one.document_id for one in shown if one.document_id is not None}))
        now = datetime.now(UTC)
        titles, pages = nameable(named, account, now), open_pages(named, account, now)
        unread_number = notices.count(session, account.id, unread=True)
    return render_template(
        "members/notices.html",
        notices=[_view(notice, titles, pages) for notice in shown],
        unread=unread_number,
        newer=link("notices", page=number - 1) if number > 1 else None,
        older=link("notices", page=number + 1) if len(found) > _ON_A_PAGE else None,
    )


@signed_in_only
def read() -> ResponseReturnValue:
    """Note that the person has read one notice, or all when the form names none."""
    given = request.form.get("notice")
    if given is not None and not _NUMBER.fullmatch(given):
        raise UnknownIdError("There is no such notice")
    with current_hub().catalogue.write() as session:
        notices.note_read(session, person().id, int(given) if given else None, now=datetime.now(UTC))
    return redirect(link("notices"))


def unread(account: Account) -> int:
    """Return of how many things the person has not read: for the head of every page."""
    with current_hub().catalogue.read() as session:
        return notices.count(session, account.id, unread=True)


def _view(notice: Notice, titles: Mapping[str, str], pages: Mapping[str, Collection[str]]) -> NoticeView:
    named, unnamed = _sentences().get(notice.kind, (gettext("Something happened that concerns you."),) * 2)
    title = titles.get(notice.document_id or "", "")
    is_told = notice.document_id is None or bool(title)
    path = _path(notice, pages) if is_told else ""
    return NoticeView(
        id=notice.id,
        sentence=(named % {"title": title}) if title else unnamed,
        address=localised(path, current_language()) if _PATH.match(path) else "",
        is_closed=not is_told,
        comment=notice.details.get("comment", "") if is_told else "",
        at=notice.created_at,
        is_read=notice.read_at is not None,
    )


def _path(notice: Notice, pages: Mapping[str, Collection[str]]) -> str:
    """Return where a notice leads: as it says while that is open to its reader, else to the document as readers see it,
    if that is."""
    path, document_id = notice.details.get("path", ""), notice.document_id
    if document_id is None:
        return path
    open_to_reader = pages.get(document_id, ())
    if path.rpartition("/")[0] in open_to_reader:
        return path
    return f"{OF_READERS}/{document_id}" if OF_READERS in open_to_reader else ""


def _sentences() -> dict[str, tuple[str, str]]:
    """Return what is said of each kind of notice: with the document's title, and where it may not be named."""
    return {
        "document-submit": (
            gettext("“%(title)s” was submitted and waits for your review."),
            gettext("A document was submitted for review."),
        ),
        "document-return": (
            gettext("“%(title)s” was returned to you."),
            gettext("A document was returned to you."),
        ),
        "document-publish": (
            gettext("“%(title)s” was published."),
            gettext("A document was published."),
        ),
        "document-withdraw": (
            gettext("“%(title)s” was withdrawn."),
            gettext("A document was withdrawn."),
        ),
        "document-reinstate": (
            gettext("“%(title)s” was published again."),
            gettext("A document was published again."),
        ),
        "document-comment": (
            gettext("There is a new comment on “%(title)s”."),
            gettext("There was a comment on a document."),
        ),
        "takedown-reported": (
            gettext("Somebody asks for “%(title)s” to be taken down."),
            gettext("Somebody asked for a document to be taken down."),
        ),
    }

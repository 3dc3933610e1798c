"""Files that did not get into the hub: what waits, what failed and why, each receipt, and trying again."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import gettext, ngettext
from app.members.administration.file_words import fault_words, reason_words
from app.people import only_for, person
from app.site.links import link
from desk import failed_files
from holdings.accounts import HubRole
from holdings.errors import UnknownIdError, UsageError
from holdings.model import receipt_line
from ingest.status import status

_A_PAGE = 50


def add_routes(site: Blueprint) -> None:
    """Add the pages of files to the site."""
    site.add_url_rule("/administration/files", "administered_files", listed)
    site.add_url_rule("/administration/files/<int:arrival_id>", "receipt", receipt)
    site.add_url_rule("/administration/files/retry", "retry_files", retry, methods=["POST"])


@only_for(HubRole.ADMINISTRATOR)
def listed() -> str:
    """Show what waits, and what failed: for one reason, where one is asked for."""
    hub = current_hub()
    found = status(hub)
    codes = found.standing_by_code
    code = request.args.get("code", "")
    code = code if code in codes else ""
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    files = failed_files.listed(hub, code=code, limit=_A_PAGE + 1, offset=(page - 1) * _A_PAGE)
    return render_template(
        "members/administration/files.html",
        tab="administered_files",
        status=found,
        has_workers=bool(hub.settings.ingest.broker_url),
        codes=sorted((reason_words(one), one, number) for one, number in codes.items()),
        code=code,
        files=[(one, fault_words(one.arrival.error) if one.arrival.error else None) for one in files[:_A_PAGE]],
        page=page,
        is_last=len(files) <= _A_PAGE,
    )


@only_for(HubRole.ADMINISTRATOR)
def receipt(arrival_id: int) -> str:
    """Show the receipt of a file."""
    arrival = failed_files.look(current_hub(), person(), arrival_id)
    return render_template(
        "members/administration/receipt.html",
        tab="administered_files",
        arrival=arrival,
        fault=fault_words(arrival.error) if arrival.error else None,
        line=receipt_line(arrival),
    )


@only_for(HubRole.ADMINISTRATOR)
def retry() -> ResponseReturnValue:
    """Have the workers try again the files that are ticked."""
    asked = request.form.getlist("file", type=int)
    if not asked:
        flash(gettext("Choose the files that are to be tried again."), "wrong")
        return redirect(link("administered_files"))
    if len(asked) > _A_PAGE:
        raise UsageError(f"At most {_A_PAGE} files are tried again at once")
    try:
        again, gone = failed_files.retry(current_hub(), person(), asked)
    except UnknownIdError:
        flash(gettext("One of these files was tried again meanwhile. Look at the list and choose anew."), "wrong")
        return redirect(link("administered_files"))
    if again:
        words = ngettext("%(number)s file is tried again.", "%(number)s files are tried again.", again)
        flash(words % {"number": again}, "done")
    if gone:
        words = ngettext(
            "%(number)s file was never kept and is not where it came from: it has to be added again.",
            "%(number)s files were never kept and are not where they came from: they have to be added again.",
            gone,
        )
        flash(words % {"number": gone}, "wrong")
    return redirect(link("administered_files"))

"""The audit log for administrators: filtered, exported, verified; and who somebody in it is, which is on record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import gettext
from app.members.administration.audit_details import state_words, written
from app.members.administration.audit_words import action_words, actor_words, subject_words
from app.people import only_for, person
from app.site.links import link
from desk import auditing
from desk.auditing import ExportForm
from holdings import audit, audit_search
from holdings.accounts import AccountStatus, HubRole
from holdings.audit_chain import Fault
from holdings.audit_search import Wanted
from holdings.errors import UsageError

_A_PAGE = 50
_LONGEST = 100
_DAY = "%Y-%m-%d"
# A longer log takes more time to verify than a request may.
_MOST_IN_A_REQUEST = 200_000
_MEDIA_TYPES = {ExportForm.CSV: "text/csv", ExportForm.JSON: "application/x-ndjson"}
_ENDINGS = {ExportForm.CSV: "csv", ExportForm.JSON: "jsonl"}


def add_routes(site: Blueprint) -> None:
    """Add the pages of the audit log to the site."""
    site.add_url_rule("/administration/audit", "audit_log", log)
    site.add_url_rule("/administration/audit/verify", "verify_audit", verify, methods=["POST"])
    site.add_url_rule("/administration/audit/export", "export_audit", export, methods=["POST"])
    site.add_url_rule("/administration/audit/actor", "name_actor", name_actor, methods=["POST"])


@only_for(HubRole.ADMINISTRATOR)
def log() -> str:
    """Show entries, the newest first."""
    hub, conditions = current_hub(), _conditions(request.args)
    before = request.args.get("before", type=int)
    with hub.catalogue.read() as session:
        entries = audit_search.newest(session, _wanted(conditions), limit=_A_PAGE + 1, before=before)
        verified = audit_search.last_of(session, auditing.VERIFIED)
        head = audit.head(session)
    actions, types = action_words(), subject_words()
    return render_template(
        "members/administration/audit.html",
        tab="audit_log",
        entries=entries[:_A_PAGE],
        details=[written(entry.details) for entry in entries[:_A_PAGE]],
        older=entries[_A_PAGE - 1].sequence if len(entries) > _A_PAGE else None,
        is_first=before is None,
        actions=actions,
        types=types,
        queues=state_words(),
        actors=actor_words(),
        conditions=conditions,
        verified=verified,
        fault=_fault_words().get(str(verified.details.get("fault"))) if verified is not None else None,
        head=head,
    )


@only_for(HubRole.ADMINISTRATOR)
def verify() -> ResponseReturnValue:
    """Verify the log from its beginning to its end."""
    hub = current_hub()
    with hub.catalogue.read() as session:
        head = audit.head(session)
    if head is not None and head.sequence > _MOST_IN_A_REQUEST:
        flash(gettext("The log is too long to be verified here: run `ikhub audit verify`."), "wrong")
        return redirect(link("audit_log"))
    found = auditing.verify(hub, person())
    if found.broken is None:
        flash(gettext("All entries fit: %(number)s.") % {"number": found.entries}, "done")
    else:
        words = gettext("The log does not fit at entry %(number)s: %(reason)s")
        flash(words % {"number": found.broken.sequence, "reason": _fault_words()[found.broken.fault]}, "wrong")
    return redirect(link("audit_log"))


@only_for(HubRole.ADMINISTRATOR)
def export() -> ResponseReturnValue:
    """Give the entries that fit as a file, the oldest first."""
    form = ExportForm.JSON if request.form.get("form") == ExportForm.JSON else ExportForm.CSV
    lines = auditing.export(current_hub(), person(), _wanted(_conditions(request.form)), form)
    response = Response(lines, mimetype=_MEDIA_TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="ikhub-audit.{_ENDINGS[form]}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@only_for(HubRole.ADMINISTRATOR)
def name_actor() -> ResponseReturnValue:
    """Say who stands behind a pseudonym, as long as there is such a person; that this was asked is on record."""
    pseudonym = request.form.get("actor", "")[:_LONGEST]
    found = auditing.name_actor(current_hub(), person(), pseudonym)
    if found.status is AccountStatus.ERASED:
        flash(
            gettext("%(pseudonym)s was erased: nobody knows any more who that was.") % {"pseudonym": pseudonym}, "done"
        )
    else:
        words = gettext("%(pseudonym)s is %(name)s, %(email)s.")
        flash(words % {"pseudonym": pseudonym, "name": found.name, "email": found.email}, "done")
    return redirect(link("audit_log", actor=pseudonym))


def _conditions(given: Mapping[str, str]) -> dict[str, str]:
    """Return the conditions that are asked for, as the form has them; empty ones are left out."""
    names = ("since", "until", "actor", "action", "subject_type", "subject_id")
    asked = {name: given.get(name, "").replace("\0", "").strip()[:_LONGEST] for name in names}
    return {name: value for name, value in asked.items() if value}


def _wanted(conditions: Mapping[str, str]) -> Wanted:
    """Return which entries are looked for. Days are those of the hub's time zone, the last one included."""
    since, until = (_day(conditions.get(name)) for name in ("since", "until"))
    texts = {name: value for name, value in conditions.items() if name not in {"since", "until"}}
    return Wanted(since, until + timedelta(days=1) if until is not None else None, **texts)


def _day(written: str | None) -> datetime | None:
    if not written:
        return None
    try:
        return datetime.strptime(written, _DAY).replace(tzinfo=current_hub().settings.app.zone)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{written!r} is not a day such as 2026-11-24") from error


def _fault_words() -> dict[str, str]:
    """Return what is wrong with the log, in the language of the page."""
    return {
        Fault.CHANGED: gettext("its content is not what its hash was made of."),
        Fault.UNLINKED: gettext("it does not follow from the entry before; one of the two was replaced."),
        Fault.MISSING: gettext("an entry was taken out here."),
        Fault.INSERTED: gettext("an entry was put in before it."),
        Fault.REORDERED: gettext("it stood elsewhere in the log."),
        Fault.TRUNCATED: gettext("the log ends before a head that was kept elsewhere."),
        Fault.REWRITTEN: gettext("a head that was kept elsewhere has another hash."),
    }

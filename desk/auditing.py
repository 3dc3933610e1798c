"""What administrators and cron do with the audit log: verify it, keep its head elsewhere, and export it.

Each is on record itself: who verified when is what the page of the log shows.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from io import StringIO
from pathlib import Path

from holdings import accounts, audit, audit_chain, audit_search
from holdings.accounts import Account
from holdings.audit import COVERED, Entry, Head
from holdings.audit_chain import Verification
from holdings.audit_search import Wanted
from holdings.errors import AuditBrokenError, UnknownIdError, UsageError
from indexer.hub import Hub

VERIFIED = "audit.verify"
EXPORTED = "audit.export"
NAMED = "audit.name-actor"
_LOG = "audit"


class ExportForm(StrEnum):
    """The forms in which the log is exported."""

    CSV = "csv"
    JSON = "json"


def verify(hub: Hub, by: Account | str, kept: Iterable[Head] = ()) -> Verification:
    """Verify the log against these heads as well, and record that and with what result it was done."""
    heads = list(kept)
    with hub.catalogue.read() as session:
        found = audit_chain.verify(session, heads)
    result: dict[str, object] = {"entries": found.entries, "kept_heads": len(heads)}
    if found.broken is not None:
        result |= {"fault": found.broken.fault.value, "at": found.broken.sequence}
    with hub.catalogue.write() as session:
        audit.append(session, by, VERIFIED, _LOG, _LOG, **result)
    return found


def kept_heads(file: Path) -> list[Head]:
    """Return the heads that a file has, one a line, its last word. Raises UsageError."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The file of heads {file} cannot be read: {error}") from error
    return [Head.parse(line.split()[-1]) for line in lines if line.strip() and not line.startswith("#")]


def keep_head(hub: Hub, file: Path) -> Head | None:
    """Append the head of the log to a file, which should be on another machine, and return it; None for an empty log.

    Raises AuditBrokenError when the log has no longer the last head there, UsageError for a file that cannot be used.
    """
    before = kept_heads(file) if file.exists() else []
    with hub.catalogue.read() as session:
        if before and not audit_chain.holds(session, before[-1]):
            raise AuditBrokenError(f"The audit log does not have the entry {before[-1].sequence} as {file} keeps it")
        head = audit.head(session)
    if head is None or head in before[-1:]:
        return head
    try:
        with file.open("a", encoding="utf-8") as kept:
            kept.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {head}\n")
            kept.flush()
            os.fsync(kept.fileno())
    except OSError as error:
        raise UsageError(f"The head cannot be written to {file}: {error}") from error
    return head


def export(hub: Hub, by: Account | str, wanted: Wanted, form: ExportForm) -> Iterator[str]:
    """Yield the entries that are wanted, the oldest first, a line each: all that their hashes cover, and the hashes.

    The export is recorded when the first line is taken, after which it is complete up to that moment.
    """
    conditions = {name: str(value) for name in Wanted.__slots__ if (value := getattr(wanted, name))}
    with hub.catalogue.write() as session:
        entry = audit.append(session, by, EXPORTED, _LOG, _LOG, form=form.value, wanted=conditions)
    if form is ExportForm.CSV:
        yield _csv_line([*COVERED, "hash"])
    line = _csv_entry if form is ExportForm.CSV else _json_entry
    with hub.catalogue.read() as session:
        for found in audit_search.oldest(session, wanted):
            if found.sequence > entry.sequence:
                return
            yield line(found)


def name_actor(hub: Hub, by: Account, pseudonym: str) -> Account:
    """Return the account for which a pseudonym stands, and record that it was asked. Raises UnknownIdError."""
    with hub.catalogue.write() as session:
        found = accounts.find_by_pseudonym(session, pseudonym)
        if found is None:
            raise UnknownIdError("Nobody stands in the log under this name")
        audit.append(session, by, NAMED, "account", found.id)
        return found


def pseudonym_of(hub: Hub, by: Account, account_id: str) -> str:
    """Return how a person stands in the log, and record that it was asked. Raises UnknownIdError."""
    with hub.catalogue.write() as session:
        found = accounts.get(session, account_id)
        audit.append(session, by, NAMED, "account", found.id)
        return found.pseudonym


def _json_entry(entry: Entry) -> str:
    return json.dumps(entry.as_hashed(), ensure_ascii=False, separators=(",", ":")) + "\n"


def _csv_entry(entry: Entry) -> str:
    return _csv_line(entry.as_hashed().values())


def _csv_line(values: Iterable[object]) -> str:
    line = StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()

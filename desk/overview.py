"""What those who run the hub look at first: the numbers that matter, and what needs their attention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desk import auditing, index_state
from desk.index_state import IndexState
from holdings import accounts, audit, audit_search, errors, invitations, mails, organisations, takedowns
from holdings.accounts import AccountStatus
from holdings.audit import Entry, Head
from holdings.mails import MailState
from holdings.organisations import Usage
from indexer.hub import Hub
from ingest.status import Status, status

# Files that the hub refuses as it should: they stay refused, and whoever sent them is told.
_REFUSED = frozenset(
    error.code
    for error in (
        errors.ArchiveBombError,
        errors.EmptyFileError,
        errors.EncryptedError,
        errors.PurgedFileError,
        errors.RobotsRefusedError,
        errors.TooLargeError,
        errors.UnsafeFileError,
        errors.UnsupportedFormatError,
    )
)


@dataclass(frozen=True, slots=True)
class Overview:
    """The hub at a glance. `failed` counts the files that somebody can do something about, `unsent` the letters that
    wait for a decision. `spaces` has what the space of each organisation holds, the largest first, with its quota in
    bytes; `verified` is when the audit log was verified last."""

    files: Status
    failed: int
    index: IndexState
    people: int
    suspended: int
    invitations: int
    mail: Mapping[MailState, int]
    unsent: int
    takedowns: int
    spaces: tuple[tuple[str, Usage, int], ...]
    head: Head | None
    verified: Entry | None


def overview(hub: Hub) -> Overview:
    """Return the hub at a glance."""
    files, index = status(hub), index_state.state(hub)
    usual = hub.settings.app.uploads.quota_mb
    with hub.catalogue.read() as session:
        people = accounts.count_by_status(session)
        known = organisations.all_organisations(session)
        spaces = [
            (space, used, _quota(known[space].quota_mb if space in known else None, usual))
            for space, used in organisations.usage(session).items()
        ]
        return Overview(
            files=files,
            failed=sum(number for code, number in files.standing_by_code.items() if code not in _REFUSED),
            index=index,
            people=people[AccountStatus.ACTIVE],
            suspended=people[AccountStatus.SUSPENDED],
            invitations=len(invitations.all_open(session)),
            mail=mails.counts(session),
            unsent=mails.count_undecided(session),
            takedowns=takedowns.count(session, None, is_open=True),
            spaces=tuple(sorted(spaces, key=lambda space: (-space[1].bytes, space[0]))),
            head=audit.head(session),
            verified=audit_search.last_of(session, auditing.VERIFIED),
        )


def _quota(own_mb: int | None, usual_mb: int) -> int:
    return (own_mb if own_mb is not None else usual_mb) * 1_000_000

"""What the hub holds on a person, exported and erased: by the person, an administrator, or the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from desk.accounts import actor, may_manage
from holdings import audit, personal
from holdings.accounts import Account, AccountStatus
from holdings.errors import NotAllowedError
from indexer.hub import Hub


def export(hub: Hub, account: Account, by: Account | None) -> dict[str, Any]:
    """Return everything that the hub holds on a person, as plain values for JSON. Letters stand without what is
    in them: some hold what only their reader may use. Raises NotAllowedError."""
    _require(account, by)
    with hub.catalogue.write() as session:
        audit.append(session, actor(by), "account.export", "account", account.id)
        held = personal.gather(session, account)
    return {"exported_at": datetime.now(UTC).isoformat(timespec="seconds"), **held}


def erase(hub: Hub, account: Account, by: Account | None) -> None:
    """Erase a person: who they are, how they sign in, their notices and searches. What they did stays under their
    pseudonym, and so do documents. Cannot be undone.

    Raises NotAllowedError, LastAdministratorError.
    """
    _require(account, by)
    with hub.catalogue.write() as session:
        personal.erase(session, account)
        audit.append(session, actor(by), "account.erase", "account", account.id)
    hub.catalogue.leave_no_trace()


def _require(account: Account, by: Account | None) -> None:
    if account.status is AccountStatus.ERASED:
        raise NotAllowedError("This person was erased already")
    if not may_manage(by, None) and (by is None or by.id != account.id):
        raise NotAllowedError("This is not for you to do")

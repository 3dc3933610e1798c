"""Why a document is asked to be taken down, is withdrawn, or has its original destroyed: one list for all three."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why. The values stand in reports, reviews and purges, and in the API."""

    PERSONAL_DATA = "personal-data"
    COPYRIGHT = "copyright"
    SECURITY = "security"
    COURT_ORDER = "court-order"
    WRONG = "wrong"
    OTHER = "other"


# Nothing that is merely wrong is destroyed.
OF_PURGES = (Reason.PERSONAL_DATA, Reason.COURT_ORDER, Reason.COPYRIGHT, Reason.SECURITY)
# What a court ordered, it tells the hub, not its readers.
OF_REPORTS = (Reason.PERSONAL_DATA, Reason.COPYRIGHT, Reason.SECURITY, Reason.WRONG, Reason.OTHER)

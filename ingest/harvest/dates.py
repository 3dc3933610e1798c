"""Datestamps of sources: compared as they are written, and written as the source writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from holdings.harvests import Harvest, Harvested

# The granularity of a source that dates by day; the other is that of seconds.
DAY = "YYYY-MM-DD"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?")


def seen_in_run(harvest: Harvest, known: Harvested) -> bool:
    """Say whether something was dealt with in this run already; a run that was interrupted is this one."""
    return harvest.began_at is not None and known.seen_at >= harvest.began_at


def is_as_it_was(harvest: Harvest, known: Harvested, datestamp: str | None, since: str | None) -> bool:
    """Say whether nothing is to be done for what the source dates so; `since` is when its last list was made.

    A date that names only the day, or second, in which it was looked at before may hide a later change.
    """
    if known.datestamp is None and not known.due and datestamp is None:
        return seen_in_run(harvest, known)
    if known.datestamp != datestamp or datestamp is None:
        return False
    if seen_in_run(harvest, known):
        return True
    if known.due or known.withdrawn_at is not None or any(file.error_code for file in known.files):
        return False
    if since is not None:
        return datestamp < since
    return len(datestamp) > len(DAY) or _day_is_over(datestamp, known.seen_at)


def in_granularity(moment: str | None, granularity: str) -> str | None:
    """Return a moment as the source writes moments."""
    if moment is None:
        return None
    if granularity == DAY:
        return moment[: len(DAY)]
    return moment if len(moment) > len(DAY) else f"{moment}T00:00:00Z"


def moment_of(response_date: str) -> str:
    """Return what the source's clock says, or ours where it says nothing that can be read."""
    if DATE.fullmatch(response_date):
        return response_date
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day_is_over(day: str, seen_at: datetime) -> bool:
    """Say whether a day had ended, in any time zone, when something was looked at."""
    try:
        return seen_at >= datetime.fromisoformat(day[: len(DAY)]).replace(tzinfo=UTC) + timedelta(days=2)
    except ValueError:
        return False

"""Dates and moments as people write them, on pages and in letters, in either language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

# British forms for English: the day before the month.
LOCALES: Mapping[str, Locale] = {"id": Locale("id"), "en": Locale("en", "GB")}
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def day_in_words(text: str | None, language: str) -> str:
    """Return a date of the catalogue (`2018`, `2018-06`, `2018-06-22`) as people write it; others as they stand."""
    found = _DATE.fullmatch(text or "")
    if not found:
        return text or ""
    year, month, of_month = found.groups()
    pattern = "d MMMM y" if of_month else "MMMM y" if month else "y"
    try:
        written = date(int(year), int(month or 1), int(of_month or 1))
    except ValueError:
        return text or ""
    return format_date(written, pattern, locale=LOCALES[language])


def moment_in_words(at: datetime, zone: ZoneInfo, language: str, *, with_time: bool = True) -> str:
    """Return a moment as people write it in a time zone: `22 Juni 2018, 09.30 WIB`, `22 June 2018, 09:30 WIB`."""
    local = at.astimezone(zone)
    written = format_date(local.date(), "d MMMM y", locale=LOCALES[language])
    hours = "%H.%M" if language == "id" else "%H:%M"
    return f"{written}, {local.strftime(hours)} {local.tzname()}" if with_time else written

"""Moments as people write them; `test_translations` has dates."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from desk.dates import moment_in_words

AT = datetime(2026, 11, 30, 23, 5, tzinfo=UTC)
JAKARTA = ZoneInfo("Asia/Jakarta")


def test_a_moment_is_that_of_the_time_zone() -> None:
    assert moment_in_words(AT, JAKARTA, "id") == "1 Desember 2026, 06.05 WIB"
    assert moment_in_words(AT, JAKARTA, "en") == "1 December 2026, 06:05 WIB"
    assert moment_in_words(AT, JAKARTA, "en", with_time=False) == "1 December 2026"
    assert moment_in_words(AT, ZoneInfo("UTC"), "en") == "30 November 2026, 23:05 UTC"

"""Temporary: replaced by the reader of scans."""

from __future__ import annotations


def ocr_version(languages: str) -> str | None:
    return None

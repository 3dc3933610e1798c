"""Sitemaps: every address that a site lists, through its robots.txt, sitemap indexes and compressed sitemaps.

https://www.sitemaps.org/protocol.html
"""

from __future__ import annotations

import logging
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from httpx2 import URL

from holdings.errors import FileError, HubError, SourceInvalidError, SourceUnavailableError
from holdings.failures import translated_errors
from ingest.harvest.decoding import unpacked
from ingest.harvest.fetching import Fetcher, fetch_list
from ingest.harvest.xml import child, name_of, read_xml, text_of

log = logging.getLogger(__name__)

_WANTED = frozenset({"url", "sitemap"})
_ROOTS = frozenset({"urlset", "sitemapindex"})
# The protocol's own limit is 50 MB, unpacked.
_MAX_SITEMAP = 50 * 1024 * 1024
_MAX_SITEMAPS = 1_000
_MAX_DEPTH = 3
_GZIP = b"\x1f\x8b"

Problem = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """An address of a sitemap, and when what is there was last changed, as the sitemap says it."""

    url: str
    lastmod: str | None


def is_sitemap(fetcher: Fetcher, url: URL) -> bool:
    """Say whether a sitemap, or an index of sitemaps, is at an address. Raises SourceUnavailableError."""
    with tempfile.TemporaryFile() as content:
        try:
            if not _read_into(fetcher, url, content):
                return False
            return name_of(next(read_xml(content, _WANTED))) in _ROOTS
        except SourceInvalidError:
            return False


def sitemaps_of_site(fetcher: Fetcher, site: URL) -> list[str]:
    """Return the sitemaps of a site: those that its robots.txt names, else the usual one if it is there."""
    named = fetcher.sitemaps(site)
    if named:
        return named
    usual = site.copy_with(raw_path=b"/sitemap.xml")
    return [str(usual)] if is_sitemap(fetcher, usual) else []


def entries(fetcher: Fetcher, sitemaps: list[str], problem: Problem) -> Iterator[Entry]:
    """Yield what sitemaps list, and those that they name. One that cannot be read is told to `problem` and left out.

    Raises SourceUnavailableError.
    """
    todo = deque((address, 1) for address in sitemaps)
    seen = set(sitemaps)
    while todo:
        address, depth = todo.popleft()
        try:
            with tempfile.TemporaryFile() as content:
                if not _read_into(fetcher, address, content):
                    problem(f"There is no sitemap at {address}")
                    continue
                for element in read_xml(content, _WANTED):
                    inner = text_of(child(element, "loc"))
                    if name_of(element) == "url" and inner:
                        yield Entry(inner, text_of(child(element, "lastmod"))[:40] or None)
                    elif name_of(element) == "sitemap" and inner and inner not in seen:
                        if depth == _MAX_DEPTH or len(seen) >= _MAX_SITEMAPS:
                            problem(f"{address} names more sitemaps, or deeper ones, than the hub reads")
                            continue
                        seen.add(inner)
                        todo.append((inner, depth + 1))
        except SourceUnavailableError:
            raise
        except (FileError, SourceInvalidError) as error:
            problem(_said(address, error))


def _said(address: str, error: HubError) -> str:
    return f"The sitemap {address} is left out: {error.message}"


def _read_into(fetcher: Fetcher, url: URL | str, content: BinaryIO) -> bool:
    """Fetch a sitemap, unpacked if it is a compressed one, and say whether it is there."""
    answer = fetch_list(fetcher, url, content, max_bytes=_MAX_SITEMAP)
    if answer.is_there and content.read(2) == _GZIP:
        with tempfile.TemporaryFile() as packed, translated_errors():
            content.seek(0)
            while chunk := content.read(1 << 16):
                packed.write(chunk)
            packed.seek(0)
            content.seek(0)
            content.truncate()
            for piece in unpacked(iter(lambda: packed.read(1 << 16), b""), _MAX_SITEMAP):
                content.write(piece)
    content.seek(0)
    return answer.is_there

"""OAI-PMH 2.0: what a source says of itself, and its records page by page.

Read here and not by a library: those at hand fetch by a client of their own, which would ask whatever address the
source names, and repair broken XML, so that a page that breaks off looks like the last one.
https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from httpx2 import URL

from holdings.errors import SourceInvalidError, UsageError
from holdings.harvests import MAX_IDENTIFIER
from ingest.harvest.dates import DAY
from ingest.harvest.fetching import Fetcher, fetch_list
from ingest.harvest.xml import Element, child, name_of, read_xml, text_of

_ARGUMENTS = ("verb", "metadataPrefix", "set", "from", "until", "identifier", "resumptionToken")
_WANTED = frozenset({"error", "responseDate", "record", "resumptionToken", "Identify"})
_MAX_PAGE = 50_000_000
_MAX_TOKEN = 10_000
_MAX_VALUE = 100_000


@dataclass(frozen=True, slots=True)
class Identity:
    """What a source says of itself. `granularity` is that of its datestamps: a day, or a second."""

    name: str
    granularity: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its header, and the values of its metadata by the names of their elements. None when `deleted`."""

    identifier: str
    datestamp: str
    deleted: bool
    metadata: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of a list of records. `token` asks for the next one; None at the end."""

    records: tuple[Record, ...]
    token: str | None
    response_date: str


class BadTokenError(SourceInvalidError):
    """The source does not know its own resumption token any more: the list has to begin anew."""


class OaiSource:
    """An OAI-PMH source. Its own interface is there for programs: robots.txt is not asked about it."""

    def __init__(self, fetcher: Fetcher, url: URL) -> None:
        self._fetcher = fetcher
        params = url.params
        for name in _ARGUMENTS:
            params = params.remove(name)
        self.url = url.copy_with(params=params) if params else url.copy_with(query=None)

    def identify(self) -> Identity | None:
        """Return what the source says of itself; None when it is no OAI-PMH source. Raises SourceUnavailableError."""
        identity = None
        try:
            with self._asked(verb="Identify") as content:
                for element in read_xml(content, _WANTED):
                    if name_of(element) == "Identify":
                        granularity = text_of(child(element, "granularity"))
                        identity = Identity(text_of(child(element, "repositoryName")), granularity or DAY)
        except SourceInvalidError:
            return None
        return identity

    def page(
        self,
        *,
        metadata_prefix: str = "",
        set_name: str | None = None,
        since: str | None = None,
        token: str | None = None,
    ) -> RecordPage:
        """Return a page of records: the one that `token` asks for, else the first.

        Raises BadTokenError, SourceInvalidError, SourceUnavailableError, and UsageError for what the source has not.
        """
        arguments = {"resumptionToken": token} if token else {"metadataPrefix": metadata_prefix}
        if not token and set_name:
            arguments["set"] = set_name
        if not token and since:
            arguments["from"] = since
        with self._asked(verb="ListRecords", **arguments) as content:
            return _page(content)

    def record(self, identifier: str, metadata_prefix: str) -> Record | None:
        """Return a record by its identifier, None when the source does not know it any more. Raises as `page` does."""
        with self._asked(verb="GetRecord", identifier=identifier, metadataPrefix=metadata_prefix) as content:
            records = _page(content).records
        return records[0] if records else None

    @contextmanager
    def _asked(self, **arguments: str) -> Iterator[BinaryIO]:
        with tempfile.TemporaryFile() as content:
            url = self.url.copy_merge_params(arguments)
            answer = fetch_list(self._fetcher, url, content, max_bytes=_MAX_PAGE, robots=False)
            if not answer.is_there:
                raise SourceInvalidError(f"There is nothing at {self.url}")
            yield content


def _page(content: BinaryIO) -> RecordPage:
    records: list[Record] = []
    token, response_date = None, ""
    for element in read_xml(content, _WANTED):
        match name_of(element):
            case "responseDate":
                response_date = text_of(element)
            case "record":
                record = _record(element)
                if record is not None:
                    records.append(record)
            case "resumptionToken":
                token = (element.text or "").strip() or None
            case "error":
                _raise(element.get("code", ""), text_of(element))
            case "OAI-PMH":
                pass
            case other if element.getparent() is None:
                raise SourceInvalidError(f"The source answers <{other}>, which is not OAI-PMH")
    if token is not None and len(token) > _MAX_TOKEN:
        raise SourceInvalidError("The source's resumption token is longer than a token may be")
    return RecordPage(tuple(records), token, response_date)


def _raise(code: str, message: str) -> None:
    """Raise what an error of the protocol means; that nothing matches is an empty list."""
    if code in {"noRecordsMatch", "idDoesNotExist"}:
        return
    said = f"The source says {code}: {message[:300]}"
    if code == "badResumptionToken":
        raise BadTokenError(said)
    if code in {"cannotDisseminateFormat", "noSetHierarchy", "badArgument"}:
        raise UsageError(said, advice="Choose another --metadata-prefix, --set or --from.")
    raise SourceInvalidError(said)


def _record(element: Element) -> Record | None:
    header = child(element, "header")
    identifier = text_of(child(header, "identifier")) if header is not None else ""
    if header is None or not identifier or len(identifier.encode()) > MAX_IDENTIFIER:
        return None
    values: dict[str, list[str]] = {}
    metadata = child(element, "metadata")
    for inner in metadata.iter() if metadata is not None else ():
        if len(inner) == 0 and (value := text_of(inner)):
            values.setdefault(name_of(inner), []).append(value[:_MAX_VALUE])
    return Record(
        identifier,
        text_of(child(header, "datestamp"))[:40],
        header.get("status") == "deleted",
        {name: tuple(dict.fromkeys(several)) for name, several in values.items()},
    )

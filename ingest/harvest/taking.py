"""The files of one record: fetched by its links, directly or through the page that a repository shows for it."""

from __future__ import annotations

from httpx2 import URL

from holdings.errors import FileError, NotFetchedError
from holdings.harvests import Harvested
from holdings.model import Declared
from ingest.harvest.addresses import parse_url
from ingest.harvest.pages import names_document
from ingest.harvest.receiving import Receiver


class RecordFiles:
    """What the links of one record lead to. `received` says whether any led to a file."""

    def __init__(self, receiver: Receiver, identifier: str, declared: Declared, known: Harvested | None) -> None:
        self._receiver, self._identifier, self._declared = receiver, identifier, declared
        self._known = {file.url: file for file in known.files} if known else {}
        self._followed: set[str] = set()
        self._errors: list[tuple[str, FileError, bool]] = []
        self.received = False

    def follow(self, link: str) -> None:
        """Take the file that a link leads to, or the files of the page that it leads to."""
        for file in self._take(link, landing=True):
            self._take(str(file), landing=False, certain=True)

    def tell_errors(self) -> list[FileError]:
        """Record what went wrong, and return it.

        A link that may have led to a file, or elsewhere, counts only where no other led to one.
        """
        certain = [entry for entry in self._errors if entry[2]]
        told = certain or ([] if self.received else self._errors[:1])
        for address, error, _ in told:
            self._receiver.refuse(self._identifier, address, error, self._declared, self._known.get(address))
        return [error for _, error, _ in told]

    def _take(self, link: str, *, landing: bool, certain: bool = False) -> tuple[URL, ...]:
        address = link
        try:
            url = parse_url(link)
            address, certain = str(url), certain or names_document(url)
            if address in self._followed:
                return ()
            self._followed.add(address)
            taken = self._receiver.take(
                self._identifier, address, self._declared, self._known.get(address), landing=landing
            )
            if taken.gone:
                raise NotFetchedError("There is nothing at this address")
        except FileError as error:
            self._errors.append((address, error, certain))
            return ()
        self.received = self.received or taken.received or taken.unchanged
        return taken.leads_to or ()

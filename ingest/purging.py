"""Destroying what was purged: the bytes of originals, and texts, of which the catalogue says so already.

The row comes first (`desk.purging`), the bytes after it. Whatever stops in between, and whatever brought the same bytes
into the file store at that moment, is finished here: by whoever purges, and by the next `ikhub ingest run`.
"""

from __future__ import annotations

import logging

from holdings import arrivals, documents, purges
from holdings.errors import PurgedFileError
from holdings.model import Arrival
from holdings.purges import Purged
from indexer.hub import Hub

log = logging.getLogger(__name__)


def destroy_purged(hub: Hub) -> int:
    """Destroy what was purged and is still there, and return how many files that were.

    Originals are kept out from then on. A text is not: another file may say the same, and is for people to judge.
    """
    with hub.catalogue.read() as session:
        standing = purges.all_standing(session)
    destroyed = 0
    for purge in standing:
        destroy = hub.files.destroy_original if purge.what is Purged.ORIGINAL else hub.files.destroy_text
        if destroy(purge.sha256):
            destroyed += 1
            log.info("destroyed the %s %s of document %s", purge.what.value, purge.sha256, purge.document_id)
    gone_texts = [purge.sha256 for purge in standing if purge.what is Purged.TEXT]
    if gone_texts:
        with hub.catalogue.write() as session:
            for sha256 in gone_texts:
                purges.lift(session, sha256, Purged.TEXT)
        # Evidence of what was inferred from it stood in the catalogue.
        hub.catalogue.leave_no_trace()
    return destroyed


def refuse_purged(hub: Hub, arrival: Arrival, sha256: str) -> None:
    """Raise PurgedFileError when the bytes that have arrived were purged, once they are out of the file store again.

    So is the archive that they came in: it holds them too, and what else was in it has arrived by itself.
    """
    with hub.catalogue.read() as session:
        purge = purges.standing(session, [sha256]).get(sha256)
    if purge is None:
        return
    with hub.catalogue.write() as session:
        for archive in arrivals.archives_of(session, arrival):
            if not documents.with_file(session, archive):
                purges.add(session, None, purge.document_id, archive, Purged.ORIGINAL, purge.reason, purge.note)
    destroy_purged(hub)
    # Of what, when and why is not for whoever has the same file.
    log.info("%s: the same file was purged with document %s", arrival.path, purge.document_id)
    raise PurgedFileError("The same file was removed from the hub on purpose")

"""Every error of the hub: one root, a stable code for machines and advice for the person who meets it.

Backends translate their libraries' errors into these. `app.errors` maps them to HTTP statuses and exit codes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class HubError(Exception):
    """Root of all errors that the hub raises on purpose.

    `code` is stable and meant for machines; `advice` tells a person what to do next.
    """

    code: ClassVar[str] = "internal"
    advice: ClassVar[str] = "This is a defect of the hub: report it with the log of this moment."

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice_given = advice or self.advice


class ConfigurationError(HubError):
    """A setting is unknown, malformed, missing or out of range."""

    code = "configuration"
    advice = "Correct the setting in config.yaml or in the environment; docs/configuration.md lists every key."


class UsageError(HubError):
    """A command or request was used wrongly."""

    code = "usage"
    advice = "Correct the command: --help shows its arguments."


class NoSourceError(UsageError):
    """An address to harvest is neither an OAI-PMH source nor a sitemap, or may not be asked."""

    code = "no_source"
    advice = "Open the address in a browser: give that of the OAI-PMH interface, the sitemap or the site's first page."


class InboxFolderError(UsageError):
    """The folder of an inbox is missing, or the hub may not write in it."""

    code = "inbox_folder"
    advice = (
        "Give the account that runs the hub the right to read and write in the inbox, in its folders, and in the "
        "folders done and failed there."
    )


class SourceInvalidError(HubError):
    """A source of a harvest answers, but not as its protocol says."""

    code = "source_invalid"
    advice = "Tell the people who run the source; what was harvested before this stays, and the next run tries again."


class UnknownIdError(HubError):
    """An id that the caller gave names nothing that the caller may see."""

    code = "unknown_id"
    advice = "Check the id: a search or `ikhub document show` lists those that exist."


class WithdrawnError(HubError):
    """A document was withdrawn, and the caller could read it before."""

    code = "withdrawn"
    advice = "It is no longer available. Its address stays, so that a citation of it still leads somewhere."


class NotAllowedError(HubError):
    """The caller may see the thing, but not do this with it."""

    code = "not_allowed"
    advice = "Ask an editor of the organisation, or the curators of the hub, to do it or to give you the role for it."


class ChangedMeanwhileError(HubError):
    """Somebody else saved the thing since the form was opened."""

    code = "changed_meanwhile"
    advice = "Nothing of yours was saved. Look at what the other changed, and enter your change again."


class TryAgainLaterError(HubError):
    """Something that is expected to pass stands in the way: the same call may succeed later."""

    code = "try_again_later"
    advice = "Try again in a few minutes."


class LockedError(TryAgainLaterError):
    """Another process is doing this work right now."""

    code = "locked"
    advice = "Another process of the hub is at this work: wait until it has ended, then try again."


class EngineUnavailableError(TryAgainLaterError):
    """The search engine does not answer, or answers that it cannot serve now."""

    code = "engine_unavailable"
    advice = (
        "Check that the search engine runs and that indexer.elasticsearch.url points to it; "
        "nothing is lost, `ikhub index sync` catches up when it is back."
    )


class CatalogueUnavailableError(TryAgainLaterError):
    """The database of the catalogue does not answer, or is locked for too long."""

    code = "catalogue_unavailable"
    advice = "Check that the database runs and that holdings.database_url points to it, then try again."


class BrokerUnavailableError(TryAgainLaterError):
    """The broker of the workers does not answer; the work stays recorded in the catalogue."""

    code = "broker_unavailable"
    advice = (
        "Check that Redis runs and that ingest.broker_url points to it; `ikhub ingest run` does the work without it."
    )


class StorageFullError(TryAgainLaterError):
    """No space is left where the hub keeps its files, catalogue or index."""

    code = "storage_full"
    advice = "Free space in the data folder, then run `ikhub ingest run`: it goes on where this stopped."


class SourceUnavailableError(TryAgainLaterError):
    """A source of a harvest does not answer, or asks to wait for longer than the hub waits."""

    code = "source_unavailable"
    advice = "Run the harvest again later: it goes on where this stopped."


class NotInitialisedError(HubError):
    """The catalogue has not been made yet, or its schema is older than this version of the hub."""

    code = "not_initialised"
    advice = "Run `ikhub init`: it creates or upgrades the catalogue and keeps what it holds."


class SearchRefusedError(HubError):
    """A query body holds a clause that the engine does not know, or the engine refuses it."""

    code = "search_refused"
    advice = "Correct the search template: docs/relevance.md lists the clauses that both engines understand."


class IndexOutdatedError(TryAgainLaterError):
    """There is no index yet, or it was written by another version of analysis or mapping."""

    code = "index_outdated"
    advice = "Run `ikhub index rebuild`: it makes the index again from the catalogue."


class FileOutcome(StrEnum):
    """What became of a file that was added; the value is the contract's word."""

    INGESTED = "ingested"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    UNPACKED = "unpacked"
    REJECTED = "rejected"
    FAILED = "failed"


class FileError(HubError):
    """A file cannot be ingested; recorded on the file, never a reason to stop the rest."""

    outcome: ClassVar[FileOutcome] = FileOutcome.FAILED


class RejectedError(FileError):
    """The hub will not read this file: trying again changes nothing until the file changes."""

    outcome = FileOutcome.REJECTED


class UnsupportedFormatError(RejectedError):
    """The file is of a format that the hub does not read."""

    code = "unsupported_format"
    advice = "Save it as PDF or DOCX and add that."


class EncryptedError(RejectedError):
    """The file asks for a password."""

    code = "encrypted"
    advice = "Remove the password and add the file again."


class EmptyFileError(RejectedError):
    """The file holds no bytes."""

    code = "empty"
    advice = "Check the original: the copy may have been cut off. Add it again when it has content."


class TooLargeError(RejectedError):
    """The file, or what it unpacks to, is larger than the hub reads."""

    code = "too_large"
    advice = "Split the file, or raise ingest.max_file_mb."


class ArchiveBombError(RejectedError):
    """The file's parts unpack to far more than a document ever needs."""

    code = "archive_bomb"
    advice = "Do not open it elsewhere either. If it is genuine, save it anew from its program."


class UnsafeFileError(RejectedError):
    """The file holds a construct that genuine documents do not have, such as an XML DOCTYPE in an office part."""

    code = "unsafe"
    advice = "Save the document anew from its program and add that copy."


class UnreadableMetadataError(RejectedError):
    """The file's row of the metadata file does not say readably who may read the file."""

    code = "unreadable_metadata"
    advice = "Correct the row of the metadata file and add the file again with it."


class AddressRefusedError(RejectedError):
    """The file is at an address that the hub does not ask: of another host, or inside a private network."""

    code = "address_refused"
    advice = "If the address is meant, name its host in ingest.harvest.hosts or its network in private_networks there."


class RobotsRefusedError(RejectedError):
    """The robots.txt of the file's site asks programs not to fetch it."""

    code = "robots"
    advice = "Ask the people who run the site, or fetch the file by hand and add it."


class CorruptError(FileError):
    """The file is damaged, or is not of the format that its content claims."""

    code = "corrupt"
    advice = "Open the file in its program; if it opens, save it anew and add it again."


class ExtractionTimeoutError(FileError):
    """Reading the file took longer than the limit."""

    code = "timeout"
    advice = "Try again when the machine is less busy, or raise ingest.limits.seconds."


class OutOfMemoryError(FileError):
    """Reading the file needed more memory than the limit."""

    code = "out_of_memory"
    advice = "Split the file, or raise ingest.limits.memory_mb."


class CrashedError(FileError):
    """The reader died on this file."""

    code = "crashed"
    advice = "Open the file in its program, save it anew and add that copy."


class FileNotFoundInPlaceError(FileError):
    """The file was there when it was listed and is gone, or cannot be opened."""

    code = "not_found"
    advice = "Check the path and its permissions, then add the file again."


class NotFetchedError(FileError):
    """The file could not be fetched from where the source says that it is."""

    code = "not_fetched"
    advice = "Open the address in a browser; the next harvest tries again by itself."


class OcrUnavailableError(FileError):
    """Pages are pictures of text, and the program that reads such is not installed; they wait for it."""

    code = "ocr_unavailable"
    advice = "Run `apt-get install tesseract-ocr tesseract-ocr-ind tesseract-ocr-eng`, then `ikhub ingest run`."


class InternalError(FileError):
    """Something that the hub did not foresee; its traceback is in the log."""

    code = "internal"
    advice = "Report it with the log of this moment; `ikhub ingest add` on the file tries again."


def error_of(code: str, message: str, advice: str | None = None) -> FileError:
    """Return the error of a file that a code stands for; CorruptError for a code that is none."""
    kinds: list[type[FileError]] = [FileError]
    while kinds:
        kind = kinds.pop()
        if kind.code == code and not kind.__subclasses__():
            return kind(message, advice=advice)
        kinds.extend(kind.__subclasses__())
    return CorruptError(message)

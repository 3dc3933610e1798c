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


class WeakPasswordError(UsageError):
    """A password is too short, too common, or made of the person's name."""

    code = "weak_password"
    advice = "Choose at least 12 characters: several words that nobody would expect together are easy to keep in mind."

    def __init__(self, weakness: str) -> None:
        super().__init__(f"The password is refused: {weakness}")
        self.weakness = weakness


class LinkSpentError(HubError):
    """The address in a letter (invitation, new password, new e-mail address) was used, ran out or was revoked."""

    code = "link_spent"
    advice = "Ask for a new letter: the address in each can be used once, and for some time only."


class WrongCredentialError(NotAllowedError):
    """A password or a code that was asked for is not right, or there were too many attempts."""

    code = "wrong_credential"
    advice = "Enter it again. After several failed attempts, wait a few minutes first."


class LastAdministratorError(NotAllowedError):
    """The hub would be left without anybody who can administer it."""

    code = "last_administrator"
    advice = "Invite another administrator first."


class SignInNeededError(HubError):
    """A program asked for something that is only for people who are signed in."""

    code = "sign_in_needed"
    advice = "Send a token: people make one on the page of their account. Authorization: Bearer ikh_…"


class InvalidTokenError(SignInNeededError):
    """The token that a program showed is unknown, expired or revoked."""

    code = "invalid_token"
    advice = "Make a new token on the page of your account."


class InsufficientScopeError(NotAllowedError):
    """The token that a program showed was not made for this."""

    code = "insufficient_scope"
    advice = "Make a token with the scope that is named, on the page of your account."


class ProviderRefusedError(NotAllowedError):
    """The identity provider's answer cannot be accepted, or nobody was invited under the address that it names."""

    code = "provider_refused"
    advice = (
        "Begin again from the page of sign-in. If it happens again, ask the people who run the hub for an invitation."
    )


class UndecidedError(UsageError):
    """A draft cannot be submitted before somebody has decided of the personal data that it seems to hold."""

    code = "undecided"
    advice = "Look at the places that are listed on the page of the draft, and decide."


class IncompleteError(UsageError):
    """A draft cannot be submitted before it has a title, a kind and a date. `missing` names what has no value."""

    code = "incomplete"
    advice = "Fill in what is missing on the page of the draft, and submit it then."

    def __init__(self, message: str, *, missing: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.missing = missing


class UploadRefusedError(UsageError):
    """A file that a contributor wants to send cannot be taken, whatever is in it."""

    code = "upload_refused"
    advice = "Give the file a name and its size, and a space of yours."


class EmptyUploadError(UploadRefusedError):
    """The file to be sent holds no bytes."""

    code = "upload_empty"
    advice = "Check the original: the copy may have been cut off."


class UploadTooLargeError(UploadRefusedError):
    """The file to be sent is larger than the hub reads, or than was said of it."""

    code = "upload_too_large"
    advice = "Split the file, or ask the people who run the hub to raise ingest.max_file_mb."


class QuotaExceededError(UploadRefusedError):
    """The organisation has no room for the file."""

    code = "quota_exceeded"
    advice = "Discard drafts that are not needed, or ask the administrators of the hub for more room."

    def __init__(self, message: str, *, free: int = 0) -> None:
        super().__init__(message)
        self.free = free


class WrongOffsetError(HubError):
    """A piece of a file does not follow those that are there. `offset` is where the next one begins."""

    code = "wrong_offset"
    advice = "Go on at the offset that is there: Upload-Offset says it."

    def __init__(self, message: str, *, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


class ChangedMeanwhileError(HubError):
    """Somebody else saved the thing since the form was opened."""

    code = "changed_meanwhile"
    advice = "Nothing of yours was saved. Look at what the other changed, and enter your change again."


class BackupDamagedError(HubError):
    """A backup is not whole: something of it is missing, or is not as it was when it was made."""

    code = "backup_damaged"
    advice = (
        "Nothing was restored. Take another backup; `ikhub restore --despite-damage` leaves out originals and texts "
        "that are damaged."
    )


class RestoreRefusedError(UsageError):
    """What a backup is to be restored into holds something already."""

    code = "restore_refused"
    advice = "Give an empty data folder (IKHUB_DATA) and an empty database: nothing is ever restored over a hub."


class AuditBrokenError(HubError):
    """The audit log is not as it was when its head was kept."""

    code = "audit_broken"
    advice = "Run `ikhub audit verify --head-file` on the file of heads, and compare the log with that of a backup."


class StillUsedError(HubError):
    """What is to be destroyed also belongs to other documents, which are kept."""

    code = "still_used"
    advice = "Withdraw the other documents first, or leave the file where it is."


class TryAgainLaterError(HubError):
    """Something that is expected to pass stands in the way: the same call may succeed later."""

    code = "try_again_later"
    advice = "Try again in a few minutes."


class LockedError(TryAgainLaterError):
    """Another process is doing this work right now."""

    code = "locked"
    advice = "Another process of the hub is at this work: wait until it has ended, then try again."


class BusyError(TryAgainLaterError):
    """As many files are being sent as the hub takes at once beside those who read."""

    code = "busy"
    advice = "Send it again after the seconds that Retry-After says: others are sending files."


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


class ProviderUnavailableError(TryAgainLaterError):
    """The identity provider does not answer, or not as OpenID Connect says."""

    code = "provider_unavailable"
    advice = "Check app.oidc.issuer and that the provider runs; people can sign in with their password meanwhile."


class MailServerUnavailableError(TryAgainLaterError):
    """The mail server does not answer, or takes no letters from the hub."""

    code = "mail_unavailable"
    advice = (
        "Check that the mail server runs and that desk.mail points to it, with the right user and sender; "
        "letters wait, and `ikhub alerts send` sends them when it is back."
    )


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


class PurgedFileError(RejectedError):
    """The file was removed from the hub on purpose, for personal data or by the order of a court, say."""

    code = "purged"
    advice = "Add a version without what it was removed for; else an administrator can allow it again."


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

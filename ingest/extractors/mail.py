"""Extraction of e-mails (EML) by the standard library: headers and body as sections, attachments as members."""

from __future__ import annotations

import email.policy
import mimetypes
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from holdings.errors import CorruptError, EncryptedError
from ingest.extractors import html
from ingest.extractors.archive import PART_BYTES
from ingest.extractors.decoding import decode
from ingest.extractors.member_names import MemberNames
from ingest.extractors.sections import Block, sections
from ingest.extractors.text import paragraphs
from ingest.model import ExtractionEvent, FileMetadata, Member, Page, PageUnit, Truncation

_SHOWN = ("Subject", "From", "To", "Cc", "Date")
_ENCRYPTED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
# Apple's mail program writes the length of the message before it, and properties after it.
_APPLE_LENGTH = re.compile(rb"\s*(\d{1,12})\s*\r?\n")
# A plain version may say no more than that there is another one.
_MUCH_MORE = 1.5
_MAX_DEPTH = 20
_SPACE = re.compile(r"\s+")


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the sections of a mail, what its headers say, and its attachments.

    Raises EncryptedError, CorruptError when there is no mail in the file.
    """
    content = path.read_bytes()
    if length := _APPLE_LENGTH.match(content):
        content = content[length.end() : length.end() + int(length[1])]
    # The older interface: headers as they stand, however broken; the newer one raises on some.
    message = BytesParser(policy=email.policy.compat32).parsebytes(content)
    if not message.keys():
        raise CorruptError("The file has no headers of a mail")
    if message.get_content_type() in _ENCRYPTED and "signed" not in str(message.get_param("smime-type")):
        raise EncryptedError("The mail is encrypted", advice="Save the mail decrypted and add that.")
    headers = {name: decoded for name in _SHOWN if (decoded := _header(message, name))}
    yield _metadata(message, headers)
    body = _Body()
    body.gather(message)
    lines = [Block(f"{name}: {value}") for name, value in headers.items()]
    top = Block("\n".join(line.text for line in lines))
    for number, section in enumerate(sections([top, *body.blocks], separator="\n\n"), 1):
        yield Page(number, PageUnit.SECTION, section)
    for problem in body.problems:
        yield Truncation(problem)
    names = MemberNames()
    for attached in body.attached:
        yield from _member(attached, names)


@dataclass(slots=True)
class _Body:
    """What a mail says, and what is attached to it."""

    blocks: list[Block] = field(default_factory=list)
    attached: list[Message] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def gather(self, part: Message, depth: int = 0, *, is_related: bool = False) -> None:
        kind = part.get_content_type()
        if depth > _MAX_DEPTH:
            self.problems.append(f"Parts of the mail that are nested deeper than {_MAX_DEPTH} were left out")
        elif kind == "multipart/alternative":
            self._best(_parts(part), depth)
        elif part.get_content_maintype() == "multipart":
            for inner in _parts(part):
                self.gather(inner, depth + 1, is_related=kind == "multipart/related")
        elif kind in _SIGNATURES or _is_decoration(part, is_related=is_related):
            return
        elif kind in ("text/plain", "text/html") and not _is_attached(part):
            self.blocks += _read(part)
        elif part.is_multipart() or part.get_payload():
            self.attached.append(part)

    def _best(self, versions: list[Message], depth: int) -> None:
        """Of versions of the same text, the plain one, unless another says much more."""
        best = _Body()
        for version in versions:
            tried = _Body()
            tried.gather(version, depth + 1)
            longer = tried.size() > _MUCH_MORE * best.size() if best.blocks else True
            self.attached += tried.attached
            self.problems += tried.problems
            if tried.blocks and longer:
                best = tried
        self.blocks += best.blocks

    def size(self) -> int:
        return sum(len(block.text) for block in self.blocks)


def _parts(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Message)] if isinstance(payload, list) else []


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None


def _is_decoration(part: Message, *, is_related: bool) -> bool:
    """Say whether this is a picture within the text, such as a logo: not sent as a document."""
    return part.get_content_maintype() == "image" and (is_related or part.get_content_disposition() != "attachment")


def _read(part: Message) -> list[Block]:
    content = _payload(part)
    if not content.strip():
        return []
    try:
        text = decode(content, part.get_content_charset()).text
    except CorruptError:
        return []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.get_content_type() == "text/plain":
        return list(paragraphs(text))
    # The reader of HTML reads files; the mark says that the text is decoded already.
    with tempfile.NamedTemporaryFile(suffix=".html") as file:
        file.write(text.encode("utf-8-sig", "replace"))
        file.flush()
        pages = [event for event in html.extract(Path(file.name)) if isinstance(event, Page)]
    return [Block(page.text) for page in pages if page.text.strip()]


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _member(part: Message, names: MemberNames) -> Iterator[Member]:
    if part.get_content_type() == "message/rfc822":
        inner = next(iter(_parts(part)), None)
        content = inner.as_bytes(policy=email.policy.compat32) if inner is not None else b""
        suggested = f"{_header(inner, 'Subject') or 'message'}.eml".replace("/", "_") if inner is not None else ""
    else:
        content, suggested = _payload(part), ""
    name = names.take(_file_name(part) or suggested or f"attachment{_suffix(part)}")
    for start in range(0, max(len(content), 1), PART_BYTES):
        yield Member(name, content[start : start + PART_BYTES], last=start + PART_BYTES >= len(content))


def _suffix(part: Message) -> str:
    return mimetypes.guess_extension(part.get_content_type()) or ""


def _file_name(part: Message) -> str:
    try:
        return _decoded(part.get_filename() or "")
    except (LookupError, ValueError):
        return ""


def _header(message: Message, name: str) -> str:
    # As it stands there: the library's own text of a header has lost what is not ASCII.
    return _decoded(next((str(value) for key, value in message.raw_items() if key.casefold() == name.casefold()), ""))


def _decoded(value: str) -> str:
    """Return a header as a person reads it, even where its encoding is unknown or wrong."""
    try:
        # Bytes that are no ASCII stand there as lone surrogates.
        raw = value.encode("ascii", "surrogateescape")
        value = value if raw.isascii() else decode(raw).text
        value = str(make_header(decode_header(value)))
    except (LookupError, ValueError, CorruptError):
        pass
    return _SPACE.sub(" ", value).strip()


def _metadata(message: Message, headers: dict[str, str]) -> FileMetadata:
    date = _date(headers.get("Date", ""))
    senders = getaddresses([headers.get("From", "")])
    return FileMetadata(
        title=headers.get("Subject"),
        authors=tuple(name or address for name, address in senders if name or address),
        created=date,
        language=_header(message, "Content-Language") or None,
        published=date,
    )


def _date(value: str) -> str | None:
    try:
        return parsedate_to_datetime(value).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

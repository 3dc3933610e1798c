"""What sandbox and reading process say to each other: frames of length-prefixed JSON over a pipe.

No pickle: the reading process has had untrusted input and is believed in nothing but the shape checked here.
"""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import asdict, dataclass
from typing import Any

from ingest.extractors.cleaning import FORBIDDEN, MAX_PAGE_CHARACTERS
from ingest.model import ExtractionEvent, FileMetadata, Member, Page, PageUnit, Truncation

# How the name of the folder begins that a reading process has for its own.
SCRATCH_PREFIX = "ikhub-reading-"
LENGTH = struct.Struct(">I")
# A full page of the longest characters, and room for what JSON adds.
MAX_FRAME_BYTES = 8 * MAX_PAGE_CHARACTERS


class ProtocolError(Exception):
    """The other side said something that this protocol does not have."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The file cannot be read: a coded error, on its way to be raised in the parent process."""

    code: str
    message: str
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class End:
    """All was said about a file. `address_space_mb` is what the reading process holds by now."""

    address_space_mb: int


def encode(message: ExtractionEvent | Failure | End) -> bytes:
    """Return a message as a frame."""
    match message:
        case Page():
            body: list[Any] = ["page", message.number, message.unit.value, message.text, message.reader, message.scan]
        case FileMetadata():
            body = ["metadata", asdict(message)]
        case Truncation():
            body = ["truncation", message.reason]
        case Member():
            content = base64.b64encode(message.content).decode("ascii")
            body = ["member", message.name, content, message.last, message.refused]
        case Failure():
            body = ["failure", message.code, message.message, message.advice]
        case End():
            body = ["end", message.address_space_mb]
    frame = json.dumps(body, ensure_ascii=False).encode("utf-8", errors="replace")
    return LENGTH.pack(len(frame)) + frame


def decode(content: bytes | bytearray) -> ExtractionEvent | Failure | End:
    """Return the message of a frame, its length taken off. Raises ProtocolError."""
    try:
        match json.loads(content):
            case ["page", int(number), str(unit), str(text), (str() | None) as reader, bool(scan)]:
                return Page(number, PageUnit(unit), _checked(text), reader and _checked(reader), scan)
            case ["metadata", dict(stated)]:
                return _metadata(stated)
            case ["truncation", str(reason)]:
                return Truncation(_checked(reason))
            case ["member", str(name), str(member), bool(last), refused]:
                return Member(_checked(name), base64.b64decode(member, validate=True), last, _refusal(refused))
            case ["failure", str(code), str(message), (str() | None) as advice]:
                return Failure(code, _checked(message), advice and _checked(advice))
            case ["end", int(address_space)]:
                return End(address_space)
    except (ValueError, TypeError, RecursionError) as error:
        raise ProtocolError(f"a message that cannot be read: {type(error).__name__}") from error
    raise ProtocolError("a message of no known kind")


def _refusal(refused: object) -> tuple[str, str] | None:
    match refused:
        case None:
            return None
        case [str(code), str(message)]:
            return code, _checked(message)
    raise ProtocolError("a refusal of no known form")


def _metadata(stated: dict[str, Any]) -> FileMetadata:
    authors = stated.pop("authors", [])
    lines = {key: value if value is None else _checked(str(value)) for key, value in stated.items()}
    return FileMetadata(authors=tuple(_checked(str(author)) for author in authors), **lines)


def _checked(text: str) -> str:
    if FORBIDDEN.search(text):
        raise ProtocolError("text with characters that the hub does not keep")
    return text

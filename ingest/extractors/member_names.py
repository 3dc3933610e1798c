"""Names of files within files: decoded, cleaned so that they lead nowhere and hide nothing, and each only once."""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from pathlib import PurePosixPath
from zipfile import ZipInfo

_UTF_8 = 0x800
_UNICODE_PATH = 0x7075
# Controls, marks that turn the direction of writing, zero-width signs, and what no file system stores.
_INVISIBLE = re.compile(
    "[\0-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_DRIVE = re.compile(r"^[A-Za-z]:")
_MAX_PART_CHARACTERS = 120
_MAX_DEPTH = 30
_UNNAMED = "unnamed"
_CLUTTER = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db"})


def zip_name(entry: ZipInfo) -> str:
    """Return the name of an entry of a ZIP archive as it was meant."""
    name = entry.orig_filename
    if entry.flag_bits & _UTF_8 or name.isascii():
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    # Many programs write UTF-8 without saying so; what is valid in it is hardly ever anything else.
    for candidate in (_unicode_path(entry.extra, raw), raw):
        if candidate is not None:
            try:
                return candidate.decode("utf-8")
            except UnicodeDecodeError:
                continue
    return name


def _unicode_path(extra: bytes, raw: bytes) -> bytes | None:
    """Return the name in Info-ZIP's extra field, if it belongs to this name."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        content, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(content) > 5 and content[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return content[5:]
    return None


def is_clutter(name: str) -> bool:
    """Say whether a file is what systems and programs leave behind: hidden files, previews, locks, resource forks."""
    parts = name.replace("\\", "/").split("/")
    last = parts[-1].casefold()
    return "__MACOSX" in parts or any(_is_hidden(part) for part in parts) or last in _CLUTTER or last.startswith("~$")


def _is_hidden(part: str) -> bool:
    return part.startswith(".") and part.strip(".") != ""


class MemberNames:
    """The names that were given within one file; a name that comes again gets a number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, original: str) -> str:
        """Return the clean name of the next member."""
        name = clean_name(original)
        path = PurePosixPath(name)
        number = 1
        # Systems that do not tell cases apart would take both for one.
        while name.casefold() in self._taken:
            number += 1
            name = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        self._taken.add(name.casefold())
        return name


def clean_name(original: str) -> str:
    """Return a name with slashes that leads nowhere but down: no root, no drive, no `..`, nothing that is not seen."""
    name = _DRIVE.sub("", unicodedata.normalize("NFC", _INVISIBLE.sub("", original)).replace("\\", "/"))
    # `!/` parts an archive's path from that of its members.
    parts = [" ".join(part.split()).replace("!", "_") if part.endswith("!") else " ".join(part.split())
             for part in name.split("/")]  # fmt: skip
    kept = [_shortened(part) for part in parts if part.strip(". ")]
    return "/".join(kept[-_MAX_DEPTH:]) or _UNNAMED


def _shortened(part: str) -> str:
    if len(part) <= _MAX_PART_CHARACTERS:
        return part
    suffix = PurePosixPath(part).suffix[:20]
    return part[: _MAX_PART_CHARACTERS - len(suffix)] + suffix

"""From the bytes of a text file to its text: by byte order mark, by what the file states, as UTF-8, else by guess."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from holdings.errors import CorruptError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What a guess reads of a large file.
_SAMPLE_BYTES = 64_000
# Encodings that people's files have; a guess among all that exist is wrong more often.
_GUESSED = [
    "utf_8", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp866", "koi8_r", "mac_roman",
    "cp500", "gb18030", "big5", "shift_jis", "euc_jp", "iso2022_jp", "euc_kr", "tis_620",
]  # fmt: skip
# For Latin script a guess among the encodings of one byte is hardly better than chance: what gives the most letters
# and signs of western Europe is taken, Windows' encoding where they are equal.
_LATIN = ("cp1252", "mac_roman", "cp850")
_LATIN_GUESSES = frozenset({"cp1252", "cp1250", "cp1254", "mac_roman"})
_WESTERN = frozenset("áàâäãåæçéèêëíìîïñóòôöõøœßúùûüÿÁÀÂÄÅÆÇÉÈÊËÍÎÑÓÔÖØŒÚÜ“”„‘’–—…•€£°§©®«»¿¡½²×\u00a0")
_UTF_8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# More are in no text; a few are left by old word processors.
_MAX_CONTROLS = 0.02


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and the encoding by which it was read.

    `replaced` counts the places with bytes that are no character in it, `binary` the characters that were left out at
    the end because they are no text.
    """

    text: str
    encoding: str
    replaced: int = 0
    binary: int = 0


def decode(content: bytes, stated: str | None = None) -> Decoded:
    """Return the text of a file; `stated` is the encoding that the file names, believed if it fits.

    Raises CorruptError when the content is no text in any encoding.
    """
    decoded = _decode(content, stated)
    text = decoded.text
    if len(_CONTROLS.findall(text)) <= _MAX_CONTROLS * len(text):
        return decoded
    # Text that goes over into something else, as when a converter failed: the lines before are kept.
    first = _CONTROLS.search(text)
    kept = text[: text.rfind("\n", 0, first.start()) + 1] if first else ""
    if not kept.strip():
        raise CorruptError("The content is not text")
    return Decoded(kept, decoded.encoding, kept.count("\ufffd"), len(text) - len(kept))


def _decode(content: bytes, stated: str | None) -> Decoded:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _replacing(content[len(mark) :], encoding)
    wide = _utf_16_without_mark(content)
    for encoding in filter(None, (wide, stated, "utf-8")):
        try:
            return Decoded(content.decode(encoding), encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    almost = _replacing(content, "utf-8")
    if _valid_sequences(content) > 2 * almost.replaced:
        return almost
    guess = from_bytes(content[:_SAMPLE_BYTES], cp_isolation=_GUESSED).best()
    if guess is None or guess.encoding in _LATIN_GUESSES:
        return _replacing(content, _latin(content[:_SAMPLE_BYTES]))
    return _replacing(content, guess.encoding)


def _latin(sample: bytes) -> str:
    high = bytes(byte for byte in sample if byte > 127)
    return max(_LATIN, key=lambda encoding: sum(map(_WESTERN.__contains__, high.decode(encoding, "replace"))))


def _replacing(content: bytes, encoding: str) -> Decoded:
    text = content.decode(encoding, errors="replace")
    return Decoded(text, encoding, text.count("\ufffd"))


def _utf_16_without_mark(content: bytes) -> str | None:
    """Tell UTF-16 of a mostly Latin text by where its zero bytes stand."""
    sample = content[: _SAMPLE_BYTES & ~1]
    zeros = sample.count(0)
    if zeros < len(sample) / 4:
        return None
    if sample[1::2].count(0) > 0.9 * zeros:
        return "utf-16-le"
    return "utf-16-be" if sample[::2].count(0) > 0.9 * zeros else None


def _valid_sequences(content: bytes) -> int:
    """Count UTF-8 sequences of several bytes: a few broken ones among many are damage, not another encoding."""
    return sum(1 for _ in _UTF_8_SEQUENCE.finditer(content))

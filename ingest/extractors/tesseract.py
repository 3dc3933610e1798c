"""Tesseract as a program: which version with which languages is installed, and what it reads in a picture."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from holdings.errors import OcrUnavailableError
from ingest.extractors.programs import check_not_killed

_ASKING_SECONDS = 20
# A dense page takes two seconds; what takes this long is no text.
_PAGE_SECONDS = 120
# Below, the page may lie on its side or upside down. An upright page has over 85, one on its head below 50.
_DOUBTFUL_CONFIDENCE = 65
# Of photographs it makes words as well; they are few and it is not sure of them.
_NO_TEXT_CONFIDENCE = 45
_NO_WORD_CONFIDENCE = 15


class UnreadablePictureError(Exception):
    """Tesseract has failed on one picture; the message says how."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was read in a picture, and how sure tesseract is of its words: 0 to 100, their mean."""

    text: str
    confidence: float
    words: int


def version(languages: str) -> str | None:
    """Return tesseract's version and the languages, "5.3.0 ind+eng"; None when it or one of them is not installed."""
    program = shutil.which("tesseract")
    return _version(program, languages) if program else None


@lru_cache(maxsize=16)
def _version(program: str, languages: str) -> str | None:
    try:
        # It says its version on either, and the list of languages with a line before it.
        said = _ask(program, "--version")
        installed = _ask(program, "--list-langs").split()
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"tesseract v?(\d[\w.]*)", said)
    if number is None or not set(languages.split("+")) <= set(installed):
        return None
    return f"{number[1]} {languages}"


def _ask(program: str, question: str) -> str:
    asked = subprocess.run([program, question], capture_output=True, timeout=_ASKING_SECONDS, check=True)
    return (asked.stdout + asked.stderr).decode("utf-8", "replace")


def recognise(picture: bytes, languages: str, dpi: int) -> Recognised:
    """Return what a picture (PNM, PNG, JPEG or TIFF) says, upright or turned by quarters.

    Pages on their head are read only with the analysis of orientation, which costs as much as half a page: it is made
    where the first reading is bad. That the page before lay so would save the first, and make a page's text depend on
    what was read before it: with a crash in between it would be another.

    Raises UnreadablePictureError, OcrUnavailableError.
    """
    read = _read(picture, languages, dpi)
    if read.words and read.confidence < _DOUBTFUL_CONFIDENCE:
        # The data of orientation may be missing, or the picture have too few letters to tell it.
        with contextlib.suppress(UnreadablePictureError):
            read = max(read, _read(picture, languages, dpi, turned=True), key=lambda each: each.confidence)
    return read if read.confidence >= _NO_TEXT_CONFIDENCE else Recognised("", read.confidence, 0)


def _read(picture: bytes, languages: str, dpi: int, *, turned: bool = False) -> Recognised:
    layout = "1" if turned else "3"  # 1 is 3 with the analysis of orientation
    command = ["tesseract", "stdin", "stdout", "-l", languages, "--dpi", str(dpi), "--psm", layout, "tsv"]
    try:
        done = subprocess.run(
            command,
            input=picture,
            capture_output=True,
            timeout=_PAGE_SECONDS,
            check=False,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        )
    except FileNotFoundError as error:
        raise OcrUnavailableError("tesseract is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise UnreadablePictureError(f"tesseract took longer than {_PAGE_SECONDS} s") from error
    check_not_killed(done.returncode)
    if done.returncode != 0:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:300]
        raise UnreadablePictureError(f"tesseract ended with {done.returncode}: {said}")
    return _from_table(done.stdout.decode("utf-8", "replace"))


def _from_table(table: str) -> Recognised:
    """Return the text of tesseract's table of words: lines as they stand, paragraphs apart."""
    words = [word for word in _words(table) if word.confidence >= _NO_WORD_CONFIDENCE]
    parts: list[str] = []
    before: _Word | None = None
    for word in words:
        if before is not None:
            parts.append(" " if word.line == before.line else "\n" if word.paragraph == before.paragraph else "\n\n")
        parts.append(word.text)
        before = word
    # Rules and specks are taken for signs.
    lettered = [word for word in words if any(map(str.isalnum, word.text))]
    weight = sum(len(word.text) for word in lettered)
    confidence = sum(word.confidence * len(word.text) for word in lettered) / weight if weight else 0.0
    return Recognised("".join(parts), confidence, len(lettered))


@dataclass(frozen=True, slots=True)
class _Word:
    paragraph: tuple[str, ...]
    line: tuple[str, ...]
    confidence: float
    text: str


def _words(table: str) -> Iterator[_Word]:
    for row in table.splitlines()[1:]:
        # level, page, block, paragraph, line, word, left, top, width, height, confidence, text
        columns = row.split("\t", 11)
        if len(columns) == 12 and columns[0] == "5" and columns[11].strip():
            yield _Word(tuple(columns[1:4]), tuple(columns[1:5]), float(columns[10]), columns[11].strip())

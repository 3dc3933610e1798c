"""Readers that do what no reader should: the sandbox is tried on them. Loaded by its reading process, by name."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from holdings.errors import EncryptedError
from ingest.extractors.programs import check_not_killed
from ingest.media_types import PLAIN_TEXT
from ingest.model import ExtractionEvent, Extractor, FileMetadata, Page, PageUnit, ReadingOptions, Truncation


@dataclass(frozen=True, slots=True)
class _Reader:
    extract: Extractor

    def read(self, path: Path, options: ReadingOptions) -> Iterator[ExtractionEvent]:
        return self.extract(path)


def _page(number: int, text: str) -> Page:
    return Page(number, PageUnit.PAGE, text)


def good(path: Path) -> Iterator[ExtractionEvent]:
    yield FileMetadata(title="Judul", authors=("Siti Aminah",))
    yield _page(1, path.read_text())
    yield Truncation("nothing is left out")
    yield _page(2, f"process {os.getpid()}")


def breaks_off(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "Halaman pertama tentang rehabilitasi di Poso.")
    yield _page(2, "Halaman kedua tentang reintegrasi.")
    raise ValueError("no third page")


def breaks_off_at_once(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "")
    raise ValueError("no second page")


def with_scans(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "Halaman yang dapat dibaca tentang deradikalisasi.")
    yield Page(2, PageUnit.PAGE, "", scan=True)
    yield Page(3, PageUnit.PAGE, "d3radikalisas1 l4ma", scan=True)


def sleeps(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "before")
    time.sleep(600)


def spins(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "before")
    while True:
        pass


def allocates(path: Path) -> Iterator[ExtractionEvent]:
    hoard = [bytearray(10_000_000)]
    while len(hoard) < 10_000:
        hoard.append(bytearray(10_000_000))
    yield _page(1, str(len(hoard)))


def aborts(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "before")
    os.abort()


def segfaults(path: Path) -> Iterator[ExtractionEvent]:
    ctypes.string_at(0)
    yield _page(1, "never")


def exits(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "before")
    os._exit(3)


def leaves(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "before")
    sys.exit("enough")


def prints(path: Path) -> Iterator[ExtractionEvent]:
    print("to the standard output")
    os.write(1, b'\0\0\0\x04["x"]')
    yield _page(1, f"read from the standard input: {sys.stdin.read()!r}")


def starts_a_program(path: Path) -> Iterator[ExtractionEvent]:
    """Start a program, write its number to the file, and check how it has ended."""
    with subprocess.Popen(["sleep", "0.5" if path.read_text() == "once" else "600"]) as program:
        path.with_suffix(".program").write_text(str(program.pid))
        check_not_killed(program.wait())
    yield _page(1, "the program has ended")


def floods_standard_error(path: Path) -> Iterator[ExtractionEvent]:
    for _ in range(200):
        os.write(2, b"x" * 65_536)
    yield _page(1, "after the flood")


def forks(path: Path) -> Iterator[ExtractionEvent]:
    """Start a child that holds every pipe open, write its number to the file, and die."""
    child = os.fork()
    if child == 0:
        time.sleep(600)
    path.write_text(str(child))
    yield _page(1, "before")
    os.kill(os.getpid(), signal.SIGSEGV)


def forks_and_sleeps(path: Path) -> Iterator[ExtractionEvent]:
    child = os.fork()
    if child == 0:
        time.sleep(600)
    path.write_text(str(child))
    yield _page(1, "before")
    time.sleep(600)


def never_ends(path: Path) -> Iterator[ExtractionEvent]:
    number = 0
    while True:
        number += 1
        yield _page(number, "panjang " * 10_000)


def one_huge_page(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "a" * 3_000_000)


def unclean(path: Path) -> Iterator[ExtractionEvent]:
    yield FileMetadata(title="ju\0dul\n dua", authors=("\ud800", "Siti"))
    yield _page(1, "a\0b\ud800c\r\nd\x07e\u0301")


class OddError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even this works")


def raises(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "before")
    raise ZeroDivisionError("of some library")


def raises_oddly(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "before")
    raise OddError


def recurses(path: Path) -> Iterator[ExtractionEvent]:
    yield from recurses(path)


def refuses(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "before")
    raise EncryptedError("It asks for a password", advice="Ask whoever wrote it.")


def miscounts(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(2, "not the first")


def talks_over_the_pipe(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "before")
    for descriptor in range(3, 30):
        try:
            os.write(descriptor, b"\0\0\0\x05hello")
        except OSError:
            continue


def announces_too_much(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "before")
    for descriptor in range(3, 30):
        try:
            os.write(descriptor, b"\xff\xff\xff\xff")
        except OSError:
            continue
    time.sleep(600)


def closes_pipes(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "before")
    os.closerange(0, 64)
    time.sleep(600)


def closes_standard_error(path: Path) -> Iterator[ExtractionEvent]:
    """Give up what was opened for it, and go on in silence for a while."""
    os.close(1)
    os.close(2)
    time.sleep(0.5)
    yield _page(1, "after")


def looks_around(path: Path) -> Iterator[ExtractionEvent]:
    yield _page(1, "\n".join(f"{name}={value}" for name, value in os.environ.items()))


def calls_home(path: Path) -> Iterator[ExtractionEvent]:
    port = int(path.read_text())
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        yield _page(1, "connected")
    except OSError as error:
        yield _page(1, f"refused: {error}")


def works_for_a_while(path: Path) -> Iterator[ExtractionEvent]:
    """Use up half a second of processor time."""
    until = time.process_time() + 0.5
    while time.process_time() < until:
        pass
    yield _page(1, "done")


def grows(path: Path) -> Iterator[ExtractionEvent]:
    """Keep 250 MB beyond the file."""
    setattr(sys, "hoard", bytearray(250_000_000))  # noqa: B010
    yield _page(1, f"process {os.getpid()}")


def waits_for_a_sign(path: Path) -> Iterator[ExtractionEvent]:
    """Give two pages, then wait until the file is gone, then give two more: time for a test to kill the process."""
    yield _page(1, f"process {os.getpid()}")
    yield _page(2, "second")
    while path.with_suffix(".wait").exists():
        time.sleep(0.01)
    yield _page(3, "third")
    yield _page(4, "fourth")


EXTRACTORS = {
    function.__name__: _Reader(function)
    for function in (
        good, sleeps, spins, allocates, aborts, segfaults, exits, leaves, prints, floods_standard_error, forks,
        forks_and_sleeps, never_ends, one_huge_page, unclean, raises, raises_oddly, recurses, refuses, miscounts,
        talks_over_the_pipe, announces_too_much, closes_pipes, closes_standard_error, looks_around, calls_home,
        works_for_a_while, grows, waits_for_a_sign, starts_a_program,
    )
}  # fmt: skip

# Each as if it were the reader of plain text, for the whole pipeline.
AS_TEXT_BREAKS_OFF = {PLAIN_TEXT: _Reader(breaks_off)}
AS_TEXT_BREAKS_OFF_AT_ONCE = {PLAIN_TEXT: _Reader(breaks_off_at_once)}
AS_TEXT_WITH_SCANS = {PLAIN_TEXT: _Reader(with_scans)}

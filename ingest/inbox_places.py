"""Where the files of an inbox go: a place that nothing has yet, and a receipt beside it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from holdings.errors import FileOutcome
from holdings.failures import translated_errors
from holdings.model import Arrival, receipt_line
from ingest.inbox_files import OWN

_RECEIPT = ".receipt.json"
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the folder of an inbox, by its name from there."""

    folder: Path
    name: str

    @property
    def file(self) -> Path:
        return self.folder / self.name

    @property
    def receipt(self) -> Path:
        name = self.file.name
        while len(os.fsencode(name + _RECEIPT)) > _LONGEST_NAME:
            name = name[:-1]
        return self.file.with_name(name + _RECEIPT)

    @property
    def is_taken(self) -> bool:
        return os.path.lexists(self.file)


def choose_place(folder: Path, top: str, name: str) -> Place:
    """Return a place under `top` for a file, numbered where its name is taken there. Nothing is ever overwritten."""
    wanted = Path(top, name)
    for number in count(1):
        last = wanted.name if number == 1 else _numbered(wanted, number)
        place = Place(folder, str(wanted.with_name(last)))
        if not place.is_taken and not os.path.lexists(place.receipt):
            return place
    raise AssertionError("numbers do not end")


def _numbered(path: Path, number: int) -> str:
    suffix = f" ({number}){path.suffix}"
    stem = path.name.removesuffix(path.suffix)
    while len(os.fsencode(stem + suffix)) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem + suffix


def write_receipt(place: Place, arrival: Arrival, members: Sequence[Arrival]) -> None:
    """Write the receipt of a file beside its place: the contract's line, and those of an archive's members in it."""
    line = dict(receipt_line(arrival))
    if arrival.outcome is FileOutcome.UNPACKED or members:
        line["members"] = [receipt_line(member) for member in members]
    with translated_errors():
        place.file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=place.file.parent, prefix=OWN, encoding="utf-8", delete=False
        ) as beside:
            try:
                beside.write(json.dumps(line, ensure_ascii=False) + "\n")
                beside.flush()
                os.fsync(beside.fileno())
                Path(beside.name).chmod(0o644)
                Path(beside.name).replace(place.receipt)
            except BaseException:
                Path(beside.name).unlink(missing_ok=True)
                raise


def move(source: Path, target: Path) -> None:
    """Move a file to a place that nothing has; across file systems by a copy that is whole before it has its name."""
    with translated_errors():
        try:
            source.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=OWN)
            try:
                with os.fdopen(descriptor, "wb") as copy, source.open("rb") as original:
                    shutil.copyfileobj(original, copy)
                    copy.flush()
                    os.fsync(copy.fileno())
                shutil.copystat(source, name)
                Path(name).rename(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            source.unlink()

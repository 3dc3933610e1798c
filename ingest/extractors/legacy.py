"""Extraction of Word and PowerPoint files of before 2007: LibreOffice converts, the readers of today's formats read.

LibreOffice runs as a child of the reading process, within its limits and its group, with a profile of its own in which
macros and links are off. Where it is not installed the file is rejected, and the advice says what to install.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from uuid import uuid4

from holdings.errors import (
    CorruptError,
    CrashedError,
    EncryptedError,
    ExtractionTimeoutError,
    OutOfMemoryError,
    UnsupportedFormatError,
)
from ingest.compound_file import root_entries, stream
from ingest.extractors.programs import check_not_killed
from ingest.model import ExtractionEvent, FileMetadata, Page

# Debian's packages.
PACKAGES = "libreoffice-writer libreoffice-impress libreoffice-calc"
# Of [MS-DOC] 2.5.2: wIdent, and in the flags fEncrypted.
_WORD_IDENTIFIER = 0xA5EC
_WORD_FLAGS_AT = 10
_WORD_ENCRYPTED = 0x0100
# Of [MS-PPT] 2.3.2: the atom that says who edited last, with the token of an encrypted presentation.
_SLIDES_ENCRYPTED = re.compile(rb"\0\0\xf6\x0f.{4}\x14\0\0\0\xdf\xc4\xd1\xf3", re.DOTALL)
_SLIDES_STREAMS = frozenset({"powerpoint document", "pp40"})
# What LibreOffice ends with when its profile is new and it wants to be started again.
_AGAIN = 81
_MAX_SAID = 500

# Macros never run, links to other files are not followed, nothing is fetched, nothing is asked.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="UseOpenCL" oor:op="fuse">
<value>false</value></prop></item>
</oor:items>
"""


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield what a Word or PowerPoint file of before 2007 holds, as the readers of DOCX and PPTX do.

    Raises UnsupportedFormatError where LibreOffice is missing, EncryptedError, CorruptError, CrashedError,
    OutOfMemoryError, ExtractionTimeoutError.
    """
    with path.open("rb") as file:
        are_slides = not _SLIDES_STREAMS.isdisjoint(name.casefold() for name in root_entries(file))
        flags = stream(file, "WordDocument", _WORD_FLAGS_AT + 2)[: _WORD_FLAGS_AT + 2]
    if are_slides:
        if _SLIDES_ENCRYPTED.search(path.read_bytes()):
            raise EncryptedError("The presentation asks for a password")
    elif len(flags) == _WORD_FLAGS_AT + 2:
        identifier, given = struct.unpack_from("<H", flags)[0], struct.unpack_from("<H", flags, _WORD_FLAGS_AT)[0]
        if identifier == _WORD_IDENTIFIER and given & _WORD_ENCRYPTED:
            raise EncryptedError("The document asks for a password")
    source, target = ("ppt", "pptx") if are_slides else ("doc", "docx")
    with converted(path, source, target) as made:
        # A document may name the file that it is in, which it is not in here.
        own_name = re.compile(rf"\S*{made.stem}(?:\.{source})?")
        for event in import_module(f"ingest.extractors.{target}").extract(made):
            match event:
                case Page():
                    yield replace(event, text=own_name.sub("", event.text))
                case FileMetadata():
                    # That of LibreOffice, not of the document.
                    yield replace(event, language=None)
                case _:
                    yield event


@contextmanager
def converted(path: Path, source: str, target: str, *, filter_name: str = "") -> Iterator[Path]:
    """Give the file that LibreOffice makes of another; it is gone afterwards. The formats are named by their suffixes.

    `filter_name` is what LibreOffice calls the source's format; without it, LibreOffice finds out.

    Raises UnsupportedFormatError where LibreOffice is missing, CorruptError, CrashedError, OutOfMemoryError,
    ExtractionTimeoutError.
    """
    program = _libreoffice()
    if program is None:
        raise UnsupportedFormatError(
            "The file is of a format that is read through LibreOffice, which is not installed",
            advice=f"Install LibreOffice (Debian: apt-get install {PACKAGES}) and add the file again.",
        )
    with tempfile.TemporaryDirectory(prefix="conversion-") as name:
        folder = Path(name)
        # By its suffix, among other things, LibreOffice tells what a file is; in the store it has none.
        named = folder / f"{uuid4().hex}.{source}"
        named.symlink_to(path.absolute())
        said = _run(program, named, target, filter_name)
        made = folder / "made" / f"{named.stem}.{target}"
        if not made.is_file():
            raise CorruptError(f"LibreOffice cannot read the file: {said or 'it does not say why'}")
        yield made


def is_installed() -> bool:
    """Say whether LibreOffice is there."""
    return _libreoffice() is not None


def _libreoffice() -> Path | None:
    """Return the program itself: the scripts in front of it would leave it running when they are ended."""
    for name in ("soffice", "libreoffice"):
        if found := shutil.which(name):
            program = Path(found).resolve()
            return itself if (itself := program.with_name("soffice.bin")).is_file() else program
    return None


def _run(program: Path, named: Path, target: str, filter_name: str) -> str:
    """Convert, and return what LibreOffice says where it fails without an error of its own."""
    folder = named.parent
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    command = [
        str(program), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck",
        "--nodefault", "--nologo", *([f"--infilter={filter_name}"] if filter_name else []),
        "--convert-to", target, "--outdir", str(folder / "made"), str(named),
    ]  # fmt: skip
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp"}
    saying = folder / "said"
    for _ in range(2):
        with saying.open("wb") as file:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=folder, env=environment, check=False
            )
        if done.returncode != _AGAIN:
            break
    said = saying.read_bytes()[-_MAX_SAID:].decode("utf-8", "replace").replace(str(folder), "")
    if "bad_alloc" in said:
        raise OutOfMemoryError("LibreOffice needed more memory than it may have")
    check_not_killed(done.returncode)
    if done.returncode == -signal.SIGXCPU:
        raise ExtractionTimeoutError("LibreOffice took more processor time than it may have")
    if done.returncode < 0:
        raise CrashedError(f"LibreOffice died of {signal.Signals(-done.returncode).name} on the file")
    complaints = [line for line in said.splitlines() if "error" in line.casefold()]
    return " ".join(complaints)

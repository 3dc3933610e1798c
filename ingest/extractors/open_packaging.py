"""Packages of Office Open XML: parts and the relations between them, read one by one, so that damage stays where it is.

The libraries of the formats load every part and picture at once, and one broken part costs them the whole document.
Names are compared without namespaces and kinds of relations by the end of their type: the transitional and the strict
form of the standard differ only there.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree  # type: ignore[import-untyped]

from holdings.errors import CorruptError, UnsafeFileError
from ingest.extractors.elements import Element, local_name
from ingest.extractors.packages import ZIP_ERRORS, check_package
from ingest.extractors.salvage import salvaged
from ingest.model import FileMetadata

# Long texts and deep nesting are the sandbox's business; entities are never resolved.
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
# Gives what stands before the damage.
_PATIENT_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True)


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to. `kind` is the end of the relation's type; `target` is the name of a part."""

    kind: str
    target: str


class OfficePackage:
    """A package that has been checked, open for reading. A context manager.

    `problems` are parts that were not read, or not to their end, in words for a person; who reports them, clears them.
    """

    def __init__(self, path: Path) -> None:
        """Check and open. Raises CorruptError, EncryptedError, ArchiveBombError, UnsafeFileError."""
        self.problems: list[str] = []
        self._path = path
        self._zip: ZipFile | None = None
        try:
            check_package(path)
            self._zip = ZipFile(path)
            names = self._zip.namelist()
        except CorruptError:
            if not self._salvaged:
                raise
            self.problems.append("The file is damaged; the parts of it that could be found were read")
            names = list(self._salvaged)
        # Part names are the same in either case, and some programs mix them.
        self._names = {name.replace("\\", "/").casefold(): name for name in names}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._zip is not None:
            self._zip.close()

    @property
    def names(self) -> Iterator[str]:
        """The names of all parts."""
        return iter(self._names.values())

    def main_part(self, usual: str) -> str:
        """Return the name of the main document; `usual` is where it is when nothing says so, or what it says is not."""
        stated = next((r.target for r in self.relations("").values() if r.kind == "officeDocument"), usual)
        return stated if stated.casefold() in self._names else usual

    def relations(self, source: str) -> Mapping[str, Relation]:
        """Return what a part (or the package, named "") refers to within the package, by id."""
        folder, name = posixpath.split(source)
        relations_part = posixpath.join(folder, "_rels", f"{name}.rels")
        root = self.root(relations_part) if relations_part.casefold() in self._names else None
        return {} if root is None else dict(_relations(root, folder))

    def root(self, name: str) -> Element | None:
        """Return the root element of a part, as far as it can be read; None, and a problem, where nothing can."""
        try:
            content, whole = self._content(name)
            try:
                root = etree.fromstring(content, _PARSER)
            except etree.XMLSyntaxError as error:
                # Often no more than a stray byte; what the error says of it is of no use to a reader.
                root = etree.fromstring(content, _PATIENT_PARSER)
                whole = False
                if root is None:
                    raise CorruptError(str(error)) from error
        except (*ZIP_ERRORS, etree.LxmlError, CorruptError) as error:
            self.problems.append(f"The part {name} is damaged and was not read: {error}")
            return None
        if root.getroottree().docinfo.internalDTD is not None:
            raise UnsafeFileError("A part has a DOCTYPE, which no office program writes")
        if not whole:
            self.problems.append(f"The part {name} is damaged; what could be read of it was read")
        return root

    def content(self, name: str) -> bytes:
        """Return what a part holds, as far as it can be read; nothing, and a problem, where it cannot."""
        try:
            return self._content(name)[0]
        except (*ZIP_ERRORS, CorruptError) as error:
            self.problems.append(f"The part {name} is damaged and was not read: {error}")
            return b""

    def _content(self, name: str) -> tuple[bytes, bool]:
        """Return what a part holds up to its damage, and whether that is all."""
        if name.casefold() not in self._names:
            raise CorruptError("it is missing")
        name = self._names[name.casefold()]
        if self._zip is None:
            return self._salvaged[name], True
        try:
            return self._zip.read(name), True
        except ZIP_ERRORS:
            if not self._salvaged.get(name):
                raise
            return self._salvaged[name], False

    @cached_property
    def _salvaged(self) -> Mapping[str, bytes]:
        return salvaged(self._path)


def core_metadata(package: OfficePackage, heading: str | None) -> FileMetadata:
    """Return what the core properties of a package state, with the heading that its reader has found."""
    part = next((r.target for r in package.relations("").values() if r.kind == "core-properties"), None)
    root = package.root(part) if part is not None else None
    stated = {local_name(e): (e.text or "").strip() for e in (root if root is not None else ())}
    return FileMetadata(
        title=stated.get("title") or None,
        authors=tuple(author.strip() for author in stated.get("creator", "").split(";") if author.strip()),
        created=stated.get("created") or None,
        modified=stated.get("modified") or None,
        language=stated.get("language") or None,
        heading=heading,
    )


def _relations(root: Element, folder: str) -> Iterator[tuple[str, Relation]]:
    for element in root.iterchildren("{*}Relationship"):
        identifier, target = element.get("Id"), element.get("Target")
        if not identifier or not target or element.get("TargetMode") == "External":
            continue
        target = unquote(target.partition("#")[0]).replace("\\", "/")
        name = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        yield identifier, Relation((element.get("Type") or "").rpartition("/")[2], name)

"""The figures of quality, and docs/quality.md: `python -m benchmarks.quality [--write] [--only SECTION]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module, metadata
from pathlib import Path

from ingest.extractors.ocr import ocr_version
from ingest.model import ReadingOptions

PAGE = Path(__file__).parents[2] / "docs" / "quality.md"
# Modules of this package with a `report()`, in the order of the page, and how their sections begin.
SECTIONS = {"text": "## Text", "scans": "## Scans", "description": "## Description", "duplicates": "## Duplicates"}

HEAD = """# How good the hub's reading is

Made by `python -m benchmarks.quality --write`; not to be edited by hand. `--only text` (`scans`, `description`,
`duplicates`) makes that section again and leaves the others as they are: each says below when it was measured.

What is measured on is of three kinds, and each section says which it has:

- **real**: the documents of the corpus, which nobody in this project wrote. It is not in the repository; the labels
  name the files, with their checksums.
- **written**: texts written for the purpose, in the manner of those who publish on this field, for the real
  documents say little of it. They are in the repository, and invented in part.
- **derived**: made from real documents by programme, with letters misread, sentences exchanged or pages cut out.

The labels of scans and of the description were made by reading the documents, never by running what is measured,
and apart from the work on it; `benchmarks/quality/labels/README.md` has the rules, and the few things settled after
a first run. The cases of the description are parted into halves by a checksum of their names: by rule, only the
**development** half may be looked into while the description is improved, and the **held-out** half only measures
it. Of two figures that of the held-out half is the one to believe. Scans and text have no halves; what duplicates
are measured on, their section says."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.parent.name}/{PAGE.name}")
    parser.add_argument("--only", choices=list(SECTIONS), action="append", help="leave the other sections as they are")
    asked = parser.parse_args(arguments)
    for name, section in reports(asked.only or SECTIONS):
        print(f"{section}\n", flush=True)
        if asked.write:
            # At once: another section that fails must not cost this one.
            former = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
            PAGE.write_text(page(former, {name: section}), encoding="utf-8")
            print(f"{name} is in {PAGE}", file=sys.stderr)


def reports(names: Iterable[str] = tuple(SECTIONS)) -> Iterator[tuple[str, str]]:
    """Measure and yield the sections that are asked for, in the order of the page, with when and by what."""
    wanted = set(names)
    for name in SECTIONS:
        if name in wanted:
            began = time.monotonic()
            section = import_module(f"benchmarks.quality.{name}").report().strip()
            took = time.monotonic() - began
            yield name, f"{section}\n\n*Measured on {datetime.now(UTC):%Y-%m-%d} in {took:.0f} s; {_versions()}.*"


def page(former: str, sections: dict[str, str]) -> str:
    """Return the page with these sections, and of the others what the former page has."""
    kept = _sections(former)
    texts = (sections.get(name, kept.get(name, "")) for name in SECTIONS)
    return "\n\n".join([HEAD, *filter(None, texts)]) + "\n"


def _sections(text: str) -> dict[str, str]:
    """Return the sections that a page has, by name."""
    names = {heading: name for name, heading in SECTIONS.items()}
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("## "):
            current = found.setdefault(names.get(line, line), [])
        current.append(line)
    return {name: "\n".join(lines).strip() for name, lines in found.items()}


def _versions() -> str:
    libraries = ", ".join(f"{name} {metadata.version(name)}" for name in ("pypdfium2", "pdfminer.six"))
    tesseract = ocr_version(ReadingOptions().ocr_languages)
    return f"{libraries}, {f'tesseract {tesseract}' if tesseract else 'without tesseract'}"


if __name__ == "__main__":
    main()

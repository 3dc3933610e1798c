"""The home folder of an Elasticsearch node, put together once from published artifacts and kept in `.cache/`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

from filelock import FileLock

from tests.services.components import JAVA, MAVEN
from tests.services.process import ServiceError

_HERE = Path(__file__).parent
_POM = _HERE / "pom.xml"
_LAUNCHER = _HERE / "Launcher.java"
_CACHE = _HERE.parents[1] / ".cache" / "elasticsearch"
# The first time everything comes over the network, on some days slowly.
_DOWNLOAD_SECONDS = 600
_DESCRIPTOR = "plugin-descriptor.properties"
_MODULE = "transport-netty4"


def elasticsearch_home() -> Path:
    """Return the folder with `lib/`, `modules/` and `launcher/`, which is made where it is not there yet.

    Raises:
        MissingComponentError: it has to be made, and Maven or Java is missing.
        ServiceError: Maven cannot fetch the artifacts, or the launcher does not compile.
    """
    key = hashlib.sha256(_POM.read_bytes() + _LAUNCHER.read_bytes()).hexdigest()[:16]
    home = _CACHE / key
    if home.is_dir():
        return home
    java, maven = JAVA.path() / "bin" / "java", MAVEN.path()
    _CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(_CACHE / "lock"):
        if not home.is_dir():
            unfinished = _CACHE / f"{key}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            _assemble(unfinished, java, maven)
            unfinished.rename(home)
    return home


def _assemble(home: Path, java: Path, maven: Path) -> None:
    jars, library, module, launcher = home / "jars", home / "lib", home / "modules" / _MODULE, home / "launcher"
    for folder in (library, module, launcher):
        folder.mkdir(parents=True)
    _run([str(maven), "-B", "-q", "-f", str(_POM), "dependency:copy-dependencies", f"-DoutputDirectory={jars}"])
    compiler = next(jars.glob("ecj-*.jar")).rename(home / "ecj.jar")
    for jar in jars.iterdir():
        jar.rename((module if jar.name.startswith(("netty-", _MODULE)) else library) / jar.name)
    jars.rmdir()
    with zipfile.ZipFile(next(module.glob(f"{_MODULE}-*.jar"))) as transport:
        descriptor = transport.read(f"META-INF/es-plugins/{_MODULE}/{_DESCRIPTOR}")
    (module / _DESCRIPTOR).write_bytes(descriptor)
    class_path = os.pathsep.join(str(jar) for jar in library.iterdir())
    _run([str(java), "-jar", str(compiler), "-21", "-cp", class_path, "-d", str(launcher), str(_LAUNCHER)])


def _run(command: list[str]) -> None:
    advice = "the node is put together from Maven Central: check that Maven reaches it, or its mirror, and run again"
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise ServiceError(f"{command[0]} took more than {_DOWNLOAD_SECONDS} s; {advice}") from error
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise ServiceError(f"{' '.join(command[:3])} failed; {advice}\n{tail}")

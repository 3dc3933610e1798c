"""Uploading: memory of the web process, seconds until a file is found, and readers while fifty people send at once."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import pypdfium2  # type: ignore[import-untyped]

from benchmarks.corpora import CORPUS, QUERIES
from benchmarks.measuring import Figure, timings
from holdings import accounts, documents, organisations, tokens
from holdings.accounts import Role
from holdings.settings import load_settings
from holdings.states import State
from holdings.tokens import Scope
from indexer.hub import Hub, initialise, open_hub
from ingest import work

ROOT = Path(__file__).parents[1]
_SPACE = "bnpt"
_GIGABYTE = 1_000_000_000
_PIECE = 4_000_000
_SENDERS, _READERS = 50, 8
_SENT_BYTES = 1_000_000
_IDLE_SECONDS = 20.0
_LOOK_SECONDS = 0.25
_SERVE = "from holdings.settings import load_settings\nfrom app.server import serve\nserve(load_settings())"


def upload_figures() -> list[Figure]:
    """Return what sending files costs: the web process, the one who waits, and those who read meanwhile."""
    return [*_memory(), *_until_found(), *_readers_meanwhile()]


@dataclass(frozen=True, slots=True)
class _Site:
    """A hub that is served, with a contributor's token."""

    hub: Hub
    address: str
    token: str
    environment: Mapping[str, str]
    server: int

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, object]]:
        """Ask over a connection of its own. `body` is an object of JSON, bytes, or an iterator of them."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=300)
        if isinstance(body, dict):
            body, headers = json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        connection.request(
            method,
            path,
            body=body,  # type: ignore[arg-type]
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content) if content else {}

    def send(self, name: str, size: int, pieces: Iterator[bytes]) -> str:
        """Send a file in pieces and return the id of its upload."""
        upload = self.insist("POST", "/api/v1/uploads", {"space": _SPACE, "name": name, "size": size})
        offset, path = 0, f"/api/v1/uploads/{upload['id']}"
        for piece in pieces:
            self.insist("PATCH", path, piece, **_at(offset))
            offset += len(piece)
        return str(upload["id"])

    def insist(self, method: str, path: str, body: object, **headers: str) -> dict[str, object]:
        """Ask, again where the hub is busy with others, and return its answer."""
        while True:
            status, answer = self.ask(method, path, body, **headers)
            if status != 503:
                assert status in {200, 201}, answer
                return answer
            assert answer["code"] == "busy", answer
            time.sleep(random.uniform(0.5, 1.5))


def _at(offset: int) -> dict[str, str]:
    return {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}


@contextmanager
def _site(**environment: str) -> Iterator[_Site]:
    with tempfile.TemporaryDirectory(prefix="ikhub-bench-") as folder:
        # How often one may ask is not what is measured here.
        limits = {f"IKHUB_APP__LIMITS__{name}": "" for name in ("SEARCH", "API", "UPLOAD")}
        settings = {"IKHUB_DATA": f"{folder}/data", "IKHUB_APP__PORT": "0", **limits, **environment}
        loaded = load_settings(None, settings)
        initialise(loaded)
        with open_hub(loaded) as hub, _serving(settings) as (address, server):
            yield _Site(hub, address, _contributor(hub), settings, server)


@contextmanager
def _serving(settings: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE],
        env={**os.environ, **settings, "IKHUB_CONFIG": os.devnull, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1], process.pid
    finally:
        process.terminate()
        process.wait(60)


def _contributor(hub: Hub) -> str:
    with hub.catalogue.write() as session:
        organisations.ensure(session, [_SPACE], hub.vocabularies)
        made = accounts.add(session, email="a@example.org", name="A", roles={_SPACE: Role.CONTRIBUTOR})
        return tokens.create(session, made.id, name="bench", scopes=[Scope.UPLOAD])[1]


def _memory() -> list[Figure]:
    """Own memory of the process that answers, while 1 GB comes in pieces and in one request, beside it before."""
    figures = []
    with _site(IKHUB_INGEST__MAX_FILE_MB="1000", IKHUB_APP__WORKERS="1") as site:
        (worker,) = _children(site.server)
        site.send("warm.bin", _PIECE, iter([os.urandom(_PIECE)]))
        for how, size in (("pieces of 4 MB", _PIECE), ("one request", _GIGABYTE)):
            before, highest = _own_memory_mb(worker), [0.0]
            over = threading.Event()
            watcher = threading.Thread(target=_watch, args=(worker, highest, over))
            watcher.start()
            began = time.perf_counter()
            bodies = (_zeros(size) if size > _PIECE else bytes(size) for _ in range(_GIGABYTE // size))
            _send_bodies(site, size, bodies)
            took = time.perf_counter() - began
            over.set()
            watcher.join()
            group = f"uploading 1 GB, {how}"
            figures += [
                Figure(group, "own memory of the web process, highest", highest[0], "MB", "before", before),
                Figure(group, "speed", _GIGABYTE / 1e6 / took, "MB/s"),
            ]
    return figures


def _send_bodies(site: _Site, size: int, bodies: Iterator[object]) -> None:
    announced = {"space": _SPACE, "name": "besar.bin", "size": _GIGABYTE}
    status, upload = site.ask("POST", "/api/v1/uploads", announced)
    assert status == 201, upload
    for offset, body in zip(range(0, _GIGABYTE, size), bodies, strict=True):
        headers = {**_at(offset), "Content-Length": str(size)}
        status, state = site.ask("PATCH", f"/api/v1/uploads/{upload['id']}", body, **headers)
        assert status == 200, state


def _zeros(size: int) -> Iterator[bytes]:
    piece = bytes(1_000_000)
    return itertools.repeat(piece, size // len(piece))


def _children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


def _own_memory_mb(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def _watch(process: int, highest: list[float], over: threading.Event) -> None:
    while not over.wait(0.05):
        highest[0] = max(highest[0], _own_memory_mb(process))


def _until_found() -> list[Figure]:
    """Seconds from the first byte until searches find it: sent, read by the local worker, published, indexed."""
    figures = []
    with _site() as site, _worker(site.environment), tempfile.TemporaryDirectory() as folder:
        for megabytes in (1, 50):
            path = Path(folder) / f"{megabytes}.pdf"
            pages = _merged(path, megabytes * 1_000_000)
            began = time.perf_counter()
            upload = site.send(path.name, path.stat().st_size, _pieces(path))
            sent = time.perf_counter() - began
            state = _wait(site, upload, "read")
            read = time.perf_counter() - began
            _publish(site.hub, str(state["document_id"]))
            _wait(site, upload, "found")
            group = f"uploading a PDF of {path.stat().st_size / 1e6:.1f} MB, {pages:,} pages"
            figures += [
                Figure(group, "until it is there", sent, "s"),
                Figure(group, "until it is read", read, "s"),
                Figure(group, "until searches find it, published at once", time.perf_counter() - began, "s"),
            ]
    return figures


@contextmanager
def _worker(settings: Mapping[str, str]) -> Iterator[None]:
    environment = {**os.environ, **settings, "IKHUB_CONFIG": os.devnull}
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "worker"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(120)


def _merged(path: Path, size: int) -> int:
    """Write a PDF of about this size from the pages of real ones with text, and return how many pages it has."""
    merged, taken = pypdfium2.PdfDocument.new(), 0
    # All real ones together are not enough, and fonts and the like that they share are written once.
    for source in itertools.cycle(sorted((CORPUS / "documents" / "files").glob("*.pdf"))):
        if taken >= 1.4 * size:
            break
        if "scan" not in source.name and source.stat().st_size <= size:
            try:
                merged.import_pages(pypdfium2.PdfDocument(source))
            except pypdfium2.PdfiumError:
                continue  # one of those that are damaged
            taken += source.stat().st_size
    merged.save(path)
    return len(merged)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _wait(site: _Site, upload: str, stage: str) -> dict[str, object]:
    while True:
        _, state = site.ask("GET", f"/api/v1/uploads/{upload}")
        if state["stage"] == stage:
            return state
        assert state["stage"] != "failed", state
        time.sleep(_LOOK_SECONDS)


def _publish(hub: Hub, document_id: str) -> None:
    with hub.catalogue.write() as session:
        access = documents.get(session, document_id).access
        documents.set_access(session, document_id, replace(access, state=State.PUBLISHED))


def _readers_meanwhile() -> list[Figure]:
    """Milliseconds of a search by eight readers while fifty people send a file each, and when nobody does."""
    with _site() as site:
        files = sorted((CORPUS / "documents" / "files").glob("uu-20*.pdf"))[:60]
        work.finish(site.hub, work.receive(site.hub, files))
        over = threading.Event()
        threading.Timer(_IDLE_SECONDS, over.set).start()
        idle = _read(site, over)
        over = threading.Event()
        senders = [threading.Thread(target=_sender, args=(site, number)) for number in range(_SENDERS)]

        def send() -> None:
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join()
            over.set()

        began = time.perf_counter()
        threading.Thread(target=send).start()
        busy = _read(site, over)
        took = time.perf_counter() - began
    group = f"{_SENDERS} uploads of 1 MB at once, {_READERS} readers"
    return [
        Figure(group, "a reader's search, p50", timings(busy).p50, "ms", "idle", timings(idle).p50),
        Figure(group, "a reader's search, p95", timings(busy).p95, "ms", "idle", timings(idle).p95),
        Figure(group, "all files sent", took, "s"),
    ]


def _sender(site: _Site, number: int) -> None:
    content = os.urandom(_SENT_BYTES)
    site.send(f"{number}.bin", len(content), iter([content]))


def _read(site: _Site, over: threading.Event) -> Sequence[float]:
    """Search as eight readers do, one search after another, until it is over; return what each took, in ms."""
    taken: list[float] = []

    def reader(queries: Iterator[str]) -> None:
        while not over.is_set():
            began = time.perf_counter()
            connection = http.client.HTTPConnection(urlsplit(site.address).netloc, timeout=300)
            connection.request("GET", f"/search?q={quote(next(queries))}")
            answer = connection.getresponse()
            answer.read()
            connection.close()
            assert answer.status == 200
            taken.append((time.perf_counter() - began) * 1000)

    readers = [threading.Thread(target=reader, args=(itertools.cycle(QUERIES[n:] + QUERIES[:n]),)) for n in range(8)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    return taken

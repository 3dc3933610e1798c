"""`python -m benchmarks.killing`: kill -9 at random moments, a hundred times, and the same end state as without.

Sixty files are added for Celery workers on a real Redis, with a sweep from cron beside them. At random moments one of
these is killed: a worker, a process of its pool, a process that reads a file, a program that such a process has
started (tesseract, LibreOffice), Redis, or the sweep. What cron or a service manager would start again is started
again. When all files are done before all kills, the next round begins with an empty hub. After each round the last
sweep runs undisturbed, and the end state is compared with that of a run that nobody disturbed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

from benchmarks.corpora import CORPUS
from holdings import arrivals, documents, texts
from holdings.filestore import checksum
from holdings.settings import Settings, load_settings
from indexer.hub import Hub, initialise, open_hub
from ingest import delivery, duplicates, work
from ingest.recognition import can_recognise
from tests.integration.end_state import State, end_state
from tests.services.process import command_of, descendants
from tests.services.redis import RedisServer, answers

ROOT = Path(__file__).parents[1]
QUERIES = ("", "terorisme", "anggaran", "provinsi", "water")
_SETTLED_SECONDS = 4.0
VICTIMS = ("worker", "pool", "reader", "program", "redis", "sweep")


def chosen_files(folder: Path, number: int) -> list[Path]:
    """Copy files of all formats into `folder`: small ones first, two copies, a ZIP, and some that cannot be read."""
    real = sorted((CORPUS / "documents" / "files").iterdir(), key=lambda path: path.stat().st_size)
    by_suffix: dict[str, list[Path]] = {}
    for path in real:
        by_suffix.setdefault(path.suffix, []).append(path)
    # One of them is a scan.
    picked = [path for path in real if path.name == "uu-1975-04-scan.pdf"]
    while len(picked) < number - 8:
        for several in by_suffix.values():
            if several and len(picked) < number - 8:
                picked.append(several.pop(0))
    for path in picked:
        shutil.copy(path, folder / path.name)
    for path in picked[:3]:
        shutil.copy(path, folder / f"copy-of-{path.name}")
    hostile = sorted((CORPUS / "hostile").rglob("*.pdf"), key=lambda path: path.stat().st_size)
    for path in hostile[:4]:
        shutil.copy(path, folder / f"broken-{path.name}")
    with ZipFile(folder / "archive.zip", "w") as archive:
        for path in real[40:46]:
            archive.write(path, f"in/{path.name}")
    return sorted(folder.iterdir())


class Rig:
    """A hub with its workers, its Redis and its cron, to be killed in parts."""

    def __init__(self, data: Path, redis: RedisServer, log: Path) -> None:
        self.settings = load_settings(
            None, {"IKHUB_DATA": str(data), "IKHUB_INGEST__BROKER_URL": redis.url, "IKHUB_INGEST__WORKERS": "2"}
        )
        self._redis = redis
        self._log = log
        self._worker: subprocess.Popen[bytes] | None = None
        self._sweep: subprocess.Popen[bytes] | None = None
        self._swept_at = self._changed_at = time.monotonic()

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "IKHUB_DATA": str(self.settings.data),
            "IKHUB_INGEST__BROKER_URL": self._redis.url,
            "IKHUB_INGEST__WORKERS": "2",
        }
        with self._log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, env=environment, stdout=output, stderr=output
            )

    def keep_up(self) -> None:
        """Start again what a service manager or cron would."""
        if not self._redis.running or not answers(self._redis.url):
            self._redis.stop()
            self._redis.start()
            self._changed_at = time.monotonic()
        if self._worker is None or self._worker.poll() is not None:
            self._worker = self._start("worker")
            self._changed_at = time.monotonic()
        if self._sweep is not None and self._sweep.poll() is not None:
            self._sweep = None
        if self._sweep is None and time.monotonic() - self._swept_at > 8:
            self._sweep = self._start("ingest", "run", "--max-seconds", "5")
            self._swept_at = time.monotonic()

    def victims(self) -> dict[str, list[int]]:
        """Return the processes that can be killed now, by what they are."""
        found: dict[str, list[int]] = {name: [] for name in VICTIMS}
        # A worker that is killed before it has begun, and Redis before anybody has found it, would be easy victims.
        settled = time.monotonic() - self._changed_at > _SETTLED_SECONDS
        if self._redis.running and settled:
            found["redis"] = [self._redis.process_id]
        if self._sweep is not None and self._sweep.poll() is None:
            found["sweep"] = [self._sweep.pid]
        roots = [p.pid for p in (self._worker, self._sweep) if p is not None and p.poll() is None]
        if self._worker is not None and self._worker.poll() is None and settled:
            found["worker"] = [self._worker.pid]
        readers: list[int] = []
        for root in roots:
            for number in descendants(root):
                command = command_of(number)
                if "ingest.sandbox_child" in command:
                    readers.append(number)
                elif "app.cli" in command and settled:
                    found["pool"].append(number)
        found["reader"] = readers
        found["program"] = [
            child for reader in readers for child in descendants(reader) if "sandbox_child" not in command_of(child)
        ]
        return found

    def end(self) -> None:
        for process in (self._worker, self._sweep):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def is_done(hub: Hub) -> bool:
    with hub.catalogue.read() as session:
        if arrivals.unfinished(session) or duplicates.untriaged(session):
            return False
        return not (can_recognise(hub) and texts.waiting_for_ocr(session))


def undisturbed(data: Path, files: list[Path]) -> State:
    settings = load_settings(None, {"IKHUB_DATA": str(data)})
    initialise(settings)
    with open_hub(settings) as hub:
        work.finish(hub, work.receive(hub, files))
        work.run(hub)
        return end_state(hub, QUERIES)


def joined_by_words(data: Path) -> set[str]:
    """Return the checksums of files that joined a document for its words, in another form: which of the two is first,
    and gives the document its pages, is a race that an undisturbed run has as well."""
    with open_hub(load_settings(None, {"IKHUB_DATA": str(data)})) as hub, hub.catalogue.read() as session:
        receipts = arrivals.get_many(session, arrivals.all_ids(session))
        found = documents.get_many(session, sorted({a.document_id for a in receipts if a.document_id}))
    return {file.sha256 for document in found for file in document.files[1:]}


def disturbed(
    data: Path, files: list[Path], redis: RedisServer, chance: random.Random, kills: int, log: Path
) -> tuple[State, Counter[str]]:
    """Add the files, kill up to so many times while they are worked on, sweep, and return the end state."""
    rig = Rig(data, redis, log)
    initialise(rig.settings)
    killed: Counter[str] = Counter()
    rig.keep_up()
    with open_hub(rig.settings) as hub:
        ids = work.receive(hub, files)
        delivery.deliver(hub, ids)
    # Opened anew each time, as a stranger would look.
    while killed.total() < kills:
        time.sleep(chance.uniform(0.1, 3.0))
        rig.keep_up()
        with open_hub(rig.settings) as hub:
            if is_done(hub):
                break
        victims = {name: numbers for name, numbers in rig.victims().items() if numbers}
        if not victims:
            continue
        name = chance.choice(sorted(victims))
        try:
            os.kill(chance.choice(victims[name]), signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed[name] += 1
    rig.keep_up()
    rig.end()
    return _swept(rig.settings), killed


def _swept(settings: Settings) -> State:
    with open_hub(settings) as hub:
        deadline = time.monotonic() + 900
        while True:
            work.run(hub)
            if is_done(hub) or time.monotonic() > deadline:
                return end_state(hub, QUERIES)


def differences(expected: State, found: State) -> list[str]:
    """Return in words on what two end states differ."""
    said = []
    for name, value in expected.items():
        if found[name] != value:
            if isinstance(value, list) and isinstance(found[name], list):
                lost, extra = Counter(value), Counter(found[name])  # type: ignore[call-overload]
                said.append(
                    f"{name}: lost {list((lost - extra).elements())[:3]}, new {list((extra - lost).elements())[:3]}"
                )
            else:
                said.append(f"{name}: {value!r} became {found[name]!r}")
    return said


def main() -> None:
    """Print what was killed and what came of it; the exit code is 1 when an end state differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--files", type=int, default=62)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    killed: Counter[str] = Counter()
    troubles: list[str] = []
    rounds = 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ikhub-kills-") as name, RedisServer() as redis:
        folder = Path(name)
        (folder / "in").mkdir()
        files = chosen_files(folder / "in", asked.files)
        undisturbed(folder / "tried", files)
        others = joined_by_words(folder / "tried")
        files = [path for path in files if checksum(path) not in others]
        expected = undisturbed(folder / "undisturbed", files)
        print(f"{len(files)} files, {expected['documents']} documents, {expected['by_ocr']} pages by OCR", flush=True)
        while killed.total() < asked.kills:
            rounds += 1
            found, now = disturbed(
                folder / f"round-{rounds}", files, redis, chance, asked.kills - killed.total(), folder / "log"
            )
            killed += now
            said = [difference[:500] for difference in differences(expected, found)]
            troubles += said
            print(f"round {rounds}: {now.total()} kills, {'; '.join(said) or 'the same end state'}", flush=True)
            if now.total() == 0:
                print("nothing could be killed", file=sys.stderr)
                break
    counts = ", ".join(f"{killed[name]} {name}" for name in VICTIMS)
    print(f"{killed.total()} kills in {rounds} rounds ({counts}) and {time.monotonic() - began:.0f} s:")
    print(f"{len(troubles)} differences" if troubles else "every round ended in the state of the undisturbed run")
    raise SystemExit(1 if troubles else 0)


if __name__ == "__main__":
    main()

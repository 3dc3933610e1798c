"""The sandbox, on readers that hang, crash, flood and lie: a coded failure each, and the next file is not touched."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from holdings.errors import (
    CorruptError,
    CrashedError,
    EncryptedError,
    ExtractionTimeoutError,
    FileError,
    FileNotFoundInPlaceError,
    OutOfMemoryError,
    UnsupportedFormatError,
)
from ingest.extractors.cleaning import MAX_PAGE_CHARACTERS
from ingest.model import FileMetadata, Page, Truncation
from ingest.sandbox import Limits, Sandbox
from tests.files.events import texts

READERS = "tests.integration.hostile_readers:EXTRACTORS"
LIMITS = Limits(seconds=20, cpu_seconds=20, memory_mb=600, output_mb=5, open_files=32, recycle_after=100)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS, extractors=READERS) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_text("isi berkas")
    return path


def limited(**limits: float) -> Sandbox:
    values = {name: getattr(LIMITS, name) for name in LIMITS.__slots__} | limits
    return Sandbox(Limits(**values), extractors=READERS)


def read_until(error: type[FileError], sandbox: Sandbox, file: Path, reader: str) -> tuple[list[str], FileError]:
    """Return the pages that came before the error, and the error."""
    pages: list[str] = []
    with pytest.raises(error) as caught:
        pages.extend(event.text for event in sandbox.extract(file, reader) if isinstance(event, Page))
    return pages, caught.value


def process_is_gone(number: int) -> bool:
    try:
        # A zombie that nobody has reaped is gone, too.
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def eventually(condition: Callable[[], bool], seconds: float = 5) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def test_events_come_through_as_they_are(sandbox: Sandbox, file: Path) -> None:
    metadata, first, truncation, second = sandbox.extract(file, "good")
    assert metadata == FileMetadata(title="Judul", authors=("Siti Aminah",))
    assert isinstance(first, Page)
    assert (first.number, first.text) == (1, "isi berkas")
    assert truncation == Truncation("nothing is left out")
    assert isinstance(second, Page)
    assert second.number == 2


def test_one_process_reads_many_files(sandbox: Sandbox, file: Path) -> None:
    processes = {texts(list(sandbox.extract(file, "good")))[1] for _ in range(5)}
    assert processes == {f"process {sandbox.process_id}"}


def test_a_process_is_replaced_after_a_number_of_files(file: Path) -> None:
    with limited(recycle_after=2) as sandbox:
        processes = [texts(list(sandbox.extract(file, "good")))[1] for _ in range(4)]
    assert processes[0] == processes[1] != processes[2] == processes[3]


def test_a_process_that_has_grown_is_replaced(file: Path) -> None:
    with limited(memory_mb=500) as sandbox:
        (grown,) = texts(list(sandbox.extract(file, "grows")))
        assert texts(list(sandbox.extract(file, "good")))[1] != grown


@pytest.mark.parametrize(
    ("reader", "error", "words"),
    [
        ("aborts", CrashedError, "SIGABRT"),
        ("segfaults", CrashedError, "SIGSEGV"),
        ("exits", CrashedError, "exit code 3"),
        ("leaves", CrashedError, "exit code 1"),
        ("raises", CorruptError, "ZeroDivisionError: of some library"),
        ("raises_oddly", CorruptError, "OddError"),
        ("recurses", CorruptError, "RecursionError"),
        ("miscounts", CrashedError, "out of order"),
        ("talks_over_the_pipe", CrashedError, "cannot be read"),
        ("announces_too_much", CrashedError, "too long"),
        ("closes_pipes", CrashedError, "reading process"),
        ("allocates", OutOfMemoryError, "memory"),
        ("nobody reads this", UnsupportedFormatError, "nobody reads this"),
    ],
)
def test_each_misdeed_is_a_coded_failure_and_the_next_file_is_read(
    sandbox: Sandbox, file: Path, reader: str, error: type[FileError], words: str
) -> None:
    _, caught = read_until(error, sandbox, file, reader)
    assert words in caught.message
    assert texts(list(sandbox.extract(file, "good")))[0] == "isi berkas"


@pytest.mark.parametrize("reader", ["aborts", "exits", "raises", "refuses"])
def test_what_was_read_before_a_failure_has_come_through(sandbox: Sandbox, file: Path, reader: str) -> None:
    pages, _ = read_until(FileError, sandbox, file, reader)
    assert pages == ["before"]


def test_an_error_of_an_extractor_keeps_its_class_message_and_advice(sandbox: Sandbox, file: Path) -> None:
    _, caught = read_until(EncryptedError, sandbox, file, "refuses")
    assert (caught.message, caught.advice_given) == ("It asks for a password", "Ask whoever wrote it.")
    assert texts(list(sandbox.extract(file, "good")))[1] == f"process {sandbox.process_id}"


@pytest.mark.parametrize("reader", ["sleeps", "spins"])
def test_a_reader_that_hangs_is_killed_when_its_time_is_over(file: Path, reader: str) -> None:
    with limited(seconds=0.5) as sandbox:
        began = time.monotonic()
        pages, caught = read_until(ExtractionTimeoutError, sandbox, file, reader)
        assert time.monotonic() - began < 5
        assert pages == ["before"]
        assert "0.5 s" in caught.message
        assert sandbox.process_id is None


def test_processor_time_is_limited_for_each_file_not_for_the_process(file: Path) -> None:
    with limited(cpu_seconds=1) as sandbox:
        for _ in range(3):
            assert texts(list(sandbox.extract(file, "works_for_a_while"))) == ["done"]
        _, caught = read_until(ExtractionTimeoutError, sandbox, file, "spins")
    assert "processor time" in caught.message


def test_the_time_that_the_caller_takes_does_not_count(file: Path) -> None:
    with limited(seconds=0.8) as sandbox:
        for _ in sandbox.extract(file, "good"):
            time.sleep(0.3)


@pytest.mark.parametrize(("reader", "limits"), [("forks", {}), ("forks_and_sleeps", {"seconds": 0.5})])
def test_a_dead_process_takes_its_children_along(file: Path, reader: str, limits: dict[str, float]) -> None:
    with limited(**limits) as sandbox:
        began = time.monotonic()
        read_until(FileError, sandbox, file, reader)
        assert time.monotonic() - began < 5
        child = int(file.read_text())
        assert eventually(lambda: process_is_gone(child))


def test_prints_do_not_disturb_the_protocol(sandbox: Sandbox, file: Path) -> None:
    assert texts(list(sandbox.extract(file, "prints"))) == ["read from the standard input: ''"]


def test_a_flood_on_standard_error_neither_blocks_nor_piles_up(
    sandbox: Sandbox, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="ingest.sandbox"):
        assert texts(list(sandbox.extract(file, "floods_standard_error"))) == ["after the flood"]
    assert sum(len(record.getMessage()) for record in caplog.records) < 10_000


def test_waiting_costs_nothing_even_for_a_process_that_has_closed_its_standard_error(
    sandbox: Sandbox, file: Path
) -> None:
    began = time.process_time()
    assert texts(list(sandbox.extract(file, "closes_standard_error"))) == ["after"]
    assert time.process_time() - began < 0.2


def test_the_traceback_of_a_parser_is_in_the_log(
    sandbox: Sandbox, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="ingest.sandbox"):
        read_until(CorruptError, sandbox, file, "raises")
    assert "Traceback" in caplog.text
    assert str(file) in caplog.text


def test_text_without_end_is_cut_and_says_so(sandbox: Sandbox, file: Path) -> None:
    events = list(sandbox.extract(file, "never_ends"))
    size = sum(map(len, texts(events)))
    assert 4_500_000 < size <= 5_000_000
    assert isinstance(events[-1], Truncation)
    assert "5 MB" in events[-1].reason
    assert texts(list(sandbox.extract(file, "good")))[0] == "isi berkas"


def test_a_huge_page_is_cut_and_says_so(sandbox: Sandbox, file: Path) -> None:
    page, truncation = sandbox.extract(file, "one_huge_page")
    assert isinstance(page, Page)
    assert len(page.text) == MAX_PAGE_CHARACTERS
    assert isinstance(truncation, Truncation)
    assert truncation.reason.startswith("Page 1 ")


def test_text_arrives_clean(sandbox: Sandbox, file: Path) -> None:
    metadata, page = sandbox.extract(file, "unclean")
    assert metadata == FileMetadata(title="judul dua", authors=("Siti",))
    assert isinstance(page, Page)
    assert page.text == "abc\ndé"


def test_a_file_that_has_vanished_is_told_as_such(sandbox: Sandbox, tmp_path: Path) -> None:
    read_until(FileNotFoundInPlaceError, sandbox, tmp_path / "gone", "good")


def test_whoever_stops_early_does_not_spoil_the_next_file(sandbox: Sandbox, file: Path) -> None:
    events = sandbox.extract(file, "never_ends")
    next(events)
    # The generator is still alive, as when an exception's traceback holds it.
    assert texts(list(sandbox.extract(file, "good")))[0] == "isi berkas"
    with pytest.raises(RuntimeError, match="ended"):
        next(events)
    assert texts(list(sandbox.extract(file, "good")))[0] == "isi berkas"


def test_a_process_that_is_killed_from_outside_reads_the_file_again(sandbox: Sandbox, file: Path) -> None:
    waiting = file.with_suffix(".wait")
    waiting.touch()
    pages: list[int] = []
    for event in sandbox.extract(file, "waits_for_a_sign"):
        assert isinstance(event, Page)
        pages.append(event.number)
        if event.number == 2:
            assert sandbox.process_id is not None
            os.kill(sandbox.process_id, signal.SIGKILL)
            waiting.unlink()
    assert pages == [1, 2, 3, 4]


def test_a_program_of_a_reader_that_is_killed_is_started_again(sandbox: Sandbox, file: Path) -> None:
    def kill() -> None:
        number = file.with_suffix(".program")
        while not (number.is_file() and number.read_text()):
            time.sleep(0.01)
        file.write_text("once")
        os.kill(int(number.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    assert texts(list(sandbox.extract(file, "starts_a_program"))) == ["the program has ended"]
    killer.join()


def test_who_kills_again_and_again_ends_the_reading(sandbox: Sandbox, file: Path) -> None:
    file.with_suffix(".wait").touch()
    killed: set[int] = set()

    def kill() -> None:
        while not over.wait(0.02):
            number = sandbox.process_id
            if number is not None and number not in killed and sandbox.is_reading:
                killed.add(number)
                os.kill(number, signal.SIGKILL)

    over = threading.Event()
    killer = threading.Thread(target=kill)
    killer.start()
    pages, _ = read_until(OutOfMemoryError, sandbox, file, "waits_for_a_sign")
    over.set()
    killer.join()
    assert len(killed) == 5
    assert len(pages) <= 2


def test_a_process_that_is_killed_while_idle_is_replaced_in_silence(sandbox: Sandbox, file: Path) -> None:
    list(sandbox.extract(file, "good"))
    assert sandbox.process_id is not None
    os.kill(sandbox.process_id, signal.SIGKILL)
    assert texts(list(sandbox.extract(file, "good")))[0] == "isi berkas"


def test_secrets_of_the_environment_do_not_reach_the_process(
    sandbox: Sandbox, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IKHUB_HOLDINGS__DATABASE_URL", "postgresql://hub:rahasia@db/hub")
    (environment,) = texts(list(sandbox.extract(file, "looks_around")))
    assert "rahasia" not in environment


def test_the_process_has_no_network_where_the_system_allows_that(sandbox: Sandbox, file: Path) -> None:
    probe = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip("this system does not let a process leave the network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        file.write_text(str(server.getsockname()[1]))
        (answer,) = texts(list(sandbox.extract(file, "calls_home")))
    assert answer.startswith("refused")


def test_closing_ends_the_process_and_removes_its_folder(file: Path) -> None:
    with Sandbox(LIMITS, extractors=READERS) as sandbox:
        (environment,) = texts(list(sandbox.extract(file, "looks_around")))
        folder = Path(dict(line.split("=", 1) for line in environment.splitlines())["TMPDIR"])
        process = sandbox.process_id
        assert process is not None
        assert folder.is_dir()
    assert process_is_gone(process)
    assert not folder.exists()


def test_the_reading_process_dies_with_its_parent(tmp_path: Path, file: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(f"""
        from pathlib import Path
        from ingest.sandbox import Sandbox
        sandbox = Sandbox(extractors={READERS!r})
        for event in sandbox.extract(Path({str(file)!r}), "forks_and_sleeps"):
            print(sandbox.process_id, flush=True)
        """)
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        reading = int(parent.stdout.readline())
        folder = Path(f"/proc/{reading}/cwd").readlink()
        assert folder.is_dir()
        parent.kill()
    child = int(file.read_text())
    assert eventually(lambda: process_is_gone(reading) and process_is_gone(child))
    assert not folder.exists()

"""The command `ikhub`, run as people and cron run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from holdings.settings import Settings
from indexer.hub import open_hub

ROOT = Path(__file__).parents[2]
TEXT = "Laporan pelaksanaan rencana aksi daerah pencegahan ekstremisme di Kabupaten Poso. " * 12


class Command:
    """Runs `ikhub` in a folder of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **environment}

    def __call__(self, *arguments: str | Path, code: int = 0) -> str:
        """Run, check the exit code, and return standard output."""
        done = self.run(*arguments)
        assert done.returncode == code, f"ended with {done.returncode}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *map(str, arguments)],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def lines(self, *arguments: str | Path, code: int = 0) -> list[dict[str, Any]]:
        """Run and return what `--json` printed: one object a line, and nothing else."""
        return [json.loads(line) for line in self(*arguments, "--json", code=code).splitlines()]


@pytest.fixture
def ikhub(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture
def filled(ikhub: Command) -> Command:
    """A hub with one document in it."""
    ikhub("init")
    (ikhub.folder / "laporan.txt").write_text(TEXT, encoding="utf-8")
    ikhub("ingest", "add", "laporan.txt")
    return ikhub


@pytest.fixture
def samples(sample_settings: Settings, tmp_path: Path) -> Command:
    return Command(tmp_path, IKHUB_DATA=str(sample_settings.data))


def test_it_runs_in_an_empty_folder(ikhub: Command) -> None:
    ikhub("init")
    assert (ikhub.folder / "config.yaml").read_text(encoding="utf-8").startswith("# Settings of I-KHub")
    assert (ikhub.folder / "data" / "catalogue.sqlite3").exists()
    ikhub("init")
    (ikhub.folder / "laporan.txt").write_text(TEXT, encoding="utf-8")
    (line,) = ikhub.lines("ingest", "add", "laporan.txt")
    assert set(line) == {
        "path", "sha256", "outcome", "document_id", "pages", "pages_without_text", "truncated", "seconds", "error",
        "pages_by_ocr", "pages_awaiting_ocr", "readers",
    }  # fmt: skip
    assert (line["path"], line["outcome"], line["error"]) == ("laporan.txt", "ingested", None)
    (found,) = ikhub.lines("search", "ekstremisme")
    assert found["total"] == 1
    assert found["hits"][0]["document_id"] == line["document_id"]
    assert ikhub.lines("index", "check") == []


def test_before_init_it_says_what_to_do(ikhub: Command) -> None:
    done = ikhub.run("search", "terorisme")
    assert done.returncode == 2
    assert "ikhub init" in done.stderr
    assert done.stdout == ""


def test_init_does_not_touch_a_configuration_that_is_there(ikhub: Command) -> None:
    (ikhub.folder / "config.yaml").write_text("app: {port: 9999}\n", encoding="utf-8")
    ikhub("init")
    assert (ikhub.folder / "config.yaml").read_text(encoding="utf-8") == "app: {port: 9999}\n"


def test_the_search_object_is_the_contracts(samples: Command) -> None:
    (found,) = samples.lines("search", "terorisme", "--theme", "legal-framework", "--size", "3")
    assert set(found) == {"total", "took_ms", "engine", "hits", "facets", "notes"}
    assert list(found["facets"]) == [
        "kind", "theme", "province", "organisation", "group", "priority", "language", "year",
    ]  # fmt: skip
    hit = found["hits"][0]
    assert {"document_id", "title", "kind", "date", "language", "score", "page_hits"} <= set(hit)
    assert isinstance(hit["score"], float)
    assert set(hit["page_hits"][0]) >= {"page", "snippet"}
    assert {"id", "label", "count", "selected"} == set(found["facets"]["theme"][0])
    assert [value["id"] for value in found["facets"]["theme"] if value["selected"]] == ["legal-framework"]
    (by_date,) = samples.lines("search", "terorisme", "--sort", "newest")
    assert all(hit["score"] is None for hit in by_date["hits"])


def test_search_for_people(samples: Command) -> None:
    said = samples("search", '"hak asasi manusia"', "--kind", "regulation")
    assert "Hak Asasi Manusia" in said
    assert "page " in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "x", "--theme", "no-such-theme"),
        ("search", "x", "--province", "99"),
        ("search", "x", "--year", "soon"),
        ("search", "x", "--as", "everyone"),
        ("search", "x", "--size", "1000"),
        ("search", "x", "--sort", "random"),
        ("document", "show", "0000000000"),
        ("document", "edit", "0000000000", "title=x"),
        ("document", "remove", "0000000000"),
        ("ingest", "add"),
        ("ingest", "add", "x", "--access", "everyone"),
        ("ingest", "add", "x", "--metadata", "missing.csv"),
        ("worker", "--queue", "nonsense"),
        ("nonsense",),
        ("--config", "missing.yaml", "search", "x"),
    ],
)
def test_wrong_use_ends_with_2_and_says_why(samples: Command, arguments: tuple[str, ...]) -> None:
    done = samples.run(*arguments)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_unknown_key_is_named(ikhub: Command) -> None:
    (ikhub.folder / "config.yaml").write_text("app: {prot: 1}\n", encoding="utf-8")
    done = ikhub.run("search", "x")
    assert done.returncode == 2
    assert "app.prot" in done.stderr


def test_some_failures_end_with_1(filled: Command) -> None:
    (filled.folder / "empty.pdf").touch()
    lines = filled.lines("ingest", "add", "empty.pdf", "laporan.txt", "missing.pdf", code=1)
    assert {line["path"]: line["error"] and line["error"]["code"] for line in lines} == {
        "empty.pdf": "empty",
        "laporan.txt": None,
        "missing.pdf": "not_found",
    }
    assert all(set(line["error"]) == {"code", "message", "advice"} for line in lines if line["error"])
    told = filled.run("ingest", "add", "empty.pdf")
    assert "empty" in told.stdout
    assert "1 rejected" in told.stderr


def test_receipts_for_people_are_whole_and_safe(filled: Command) -> None:
    name = f"[bold] {'panjang ' * 25}.txt"
    (filled.folder / name).write_text(f"{TEXT} markup", encoding="utf-8")
    assert name in filled("ingest", "add", name)


def test_a_bad_row_is_reported_with_its_line(filled: Command) -> None:
    (filled.folder / "m.csv").write_text("path,date\nlaporan.txt,someday\n", encoding="utf-8")
    done = filled.run("ingest", "add", "laporan.txt", "--metadata", "m.csv")
    assert done.returncode == 1
    assert "m.csv, line 2" in done.stderr


def test_no_wait_records_and_run_finishes(filled: Command) -> None:
    (filled.folder / "b.txt").write_text(f"{TEXT} b", encoding="utf-8")
    (line,) = filled.lines("ingest", "add", "b.txt", "--no-wait")
    assert line["outcome"] is None
    assert filled.lines("ingest", "run", "--max-seconds", "0") == []
    (done,) = filled.lines("ingest", "run")
    assert done["outcome"] == "ingested"
    assert filled.lines("search", "laporan")[0]["total"] == 2


def test_a_second_run_at_the_same_time_ends_with_75(filled: Command) -> None:
    from holdings.settings import load_settings

    with (
        open_hub(load_settings(None, {"IKHUB_DATA": str(filled.folder / "data")})) as hub,
        hub.catalogue.locks.hold("ingest-run"),
    ):
        done = filled.run("ingest", "run")
    assert done.returncode == 75
    assert "locked" in done.stderr


def test_documents_are_shown_edited_and_removed(filled: Command) -> None:
    document_id = filled.lines("search", "")[0]["hits"][0]["document_id"]
    (shown,) = filled.lines("document", "show", document_id)
    assert shown["document_id"] == document_id
    assert set(shown["title"]) == {"value", "source", "confidence", "evidence"}
    assert shown["title"]["source"] == "inferred"
    (edited,) = filled.lines("document", "edit", document_id, "title=Judul Baru", "themes=youth;deradicalisation")
    assert edited["title"]["value"] == "Judul Baru"
    assert edited["title"]["source"] == "declared"
    assert [theme["value"] for theme in edited["themes"]] == ["youth", "deradicalisation"]
    assert filled.lines("search", "title:baru")[0]["total"] == 1
    for wrong in ("titel=x", "kind=novel", "date=soon", "title", "access="):
        assert filled.run("document", "edit", document_id, wrong).returncode == 2, wrong
    filled("document", "edit", document_id, "access=partners")
    assert filled.lines("search", "")[0]["total"] == 0
    assert filled.lines("search", "", "--as", "partners")[0]["total"] == 1
    said = filled("document", "remove", document_id, "--yes")
    assert "Judul Baru" in said
    assert filled.lines("search", "", "--as", "partners")[0]["total"] == 0


def test_the_index_is_rebuilt_and_checked(filled: Command) -> None:
    (report,) = filled.lines("index", "rebuild")
    assert (report["written"], report["rebuilt"]) == (1, True)
    (again,) = filled.lines("index", "sync")
    assert (again["written"], again["rebuilt"]) == (0, False)
    from holdings.settings import load_settings
    from indexer.engines.base import Removal

    with open_hub(load_settings(None, {"IKHUB_DATA": str(filled.folder / "data")})) as hub:
        live = hub.engine.live()
        assert live is not None
        document_id = filled.lines("search", "")[0]["hits"][0]["document_id"]
        hub.engine.write(live, [Removal(document_id)])
    (difference,) = filled.lines("index", "check", code=1)
    assert (difference["code"], difference["document_id"]) == ("missing", document_id)
    filled("index", "check", "--repair")
    assert filled.lines("index", "check") == []


def test_an_engine_that_is_away_ends_with_75_and_loses_nothing(filled: Command) -> None:
    away = Command(
        filled.folder,
        IKHUB_INDEXER__ENGINE="elasticsearch",
        IKHUB_INDEXER__ELASTICSEARCH__URL="http://127.0.0.1:1",
        IKHUB_INDEXER__ELASTICSEARCH__TIMEOUT_SECONDS="2",
    )
    (filled.folder / "b.txt").write_text(f"{TEXT} b", encoding="utf-8")
    done = away.run("ingest", "add", "b.txt", "--json")
    assert done.returncode == 75
    assert "engine_unavailable" in done.stderr
    assert json.loads(done.stdout)["outcome"] == "ingested", "it is in the catalogue"
    assert away.run("search", "x").returncode == 75
    filled("index", "sync")
    assert filled.lines("search", "laporan")[0]["total"] == 2


def test_every_command_and_option_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    import click

    def walk(command: click.Command, path: str) -> None:
        assert command.help, path
        for parameter in command.params:
            if isinstance(parameter, click.Option) and path != "ikhub search":
                assert parameter.help, f"{path} {parameter.name}"
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                walk(inner, f"{path} {name}")

    walk(main, "ikhub")


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in main.commands:
        assert f"ikhub {name}" in readme, name

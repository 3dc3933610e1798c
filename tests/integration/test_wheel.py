"""The wheel is whole: installed without the checkout, in an empty folder, the hub reads a file and finds it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*PIP, "wheel", *options, str(ROOT)], check=True)
    return next(folder.glob("ikhub-*.whl"))


@pytest.fixture(scope="module")
def ikhub(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, in an environment that has the wheel, and this one's packages but not the checkout."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, symlinks=True)
    python = environment / "bin" / "python"
    subprocess.run([*PIP, "--python", str(python), "install", "--no-index", "--no-deps", str(wheel)], check=True)
    # A .pth file adds a folder without reading the .pth files in it: the editable checkout stays out.
    paths = {"base": str(environment), "platbase": str(environment)}
    purelib = Path(sysconfig.get_path("purelib", vars=paths))
    (purelib / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return environment / "bin" / "ikhub"


def run(program: Path, *arguments: str, folder: Path) -> str:
    environment = {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8"}
    command = [str(program), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_what_is_not_code(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in ("search_templates/documents.json", "holdings/vocabularies/themes.yaml", "app/samples/metadata.csv"):
        assert wanted in names
    assert {name.split("/")[0] for name in names if not name.startswith("ikhub-")} == {
        "app",
        "desk",
        "holdings",
        "indexer",
        "ingest",
        "search_templates",
    }


def test_the_installed_hub_runs_in_an_empty_folder(ikhub: Path, tmp_path: Path) -> None:
    where = run(ikhub.with_name("python"), "-c", "import app; print(app.__file__)", folder=tmp_path)
    assert Path(where).is_relative_to(ikhub.parents[1])
    assert run(ikhub, "--version", folder=tmp_path).startswith("ikhub, version ")
    run(ikhub, "init", folder=tmp_path)
    assert (tmp_path / "config.yaml").is_file()
    note = tmp_path / "note.txt"
    note.write_text("Pencegahan ekstremisme di sekolah menengah.\n", encoding="utf-8")
    receipt = json.loads(run(ikhub, "ingest", "add", str(note), "--json", folder=tmp_path))
    assert receipt["outcome"] == "ingested"
    found = json.loads(run(ikhub, "search", "ekstremisme", "--json", folder=tmp_path))
    assert [hit["document_id"] for hit in found["hits"]] == [receipt["document_id"]]

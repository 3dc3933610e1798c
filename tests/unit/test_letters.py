"""Letters as texts: each kind in both languages, and nothing that somebody types becomes a part of their form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from desk import addresses, letters
from desk.letters import LANGUAGES, TEXTS, render
from holdings.settings import Settings, load_settings


@pytest.fixture
def settings() -> Settings:
    return load_settings(None, {"IKHUB_APP__PUBLIC_URL": "https://hub.example.go.id", "IKHUB_APP__NAME_EN": "The Hub"})


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of texts of the test's own."""
    for foot in TEXTS.glob("_foot.*"):
        (tmp_path / foot.name).write_text(foot.read_text())
    monkeypatch.setattr(letters, "TEXTS", tmp_path)
    for cache in (letters._environment, letters._templates):
        cache.cache_clear()
    yield tmp_path
    for cache in (letters._environment, letters._templates):
        cache.cache_clear()


def test_every_kind_is_there_in_both_languages() -> None:
    kinds = {path.name.split(".")[0] for path in TEXTS.glob("*.txt")}
    assert kinds
    assert {path.name for path in TEXTS.iterdir()} == {f"{kind}.{lang}.txt" for kind in kinds for lang in LANGUAGES}


@pytest.mark.parametrize("path", sorted(TEXTS.glob("[!_]*.txt")), ids=lambda path: path.name)
def test_a_text_begins_with_its_subject_and_an_empty_line(path: Path) -> None:
    subject, empty, *text = path.read_text(encoding="utf-8").split("\n")
    assert subject.strip()
    assert empty == ""
    assert "".join(text).strip()


def test_a_letter_has_its_subject_its_words_and_the_hub_at_its_foot(settings: Settings, texts: Path) -> None:
    (texts / "greeting.en.txt").write_text("Hello {{ name }}\n\nDear {{ name }},\n\nwelcome.\n")
    subject, text = render(settings, "greeting", "en", name="Sari")
    assert subject == "Hello Sari"
    assert text == "Dear Sari,\n\nwelcome.\n\n-- \nThe Hub\nhttps://hub.example.go.id/en/\n"


def test_a_value_of_several_lines_stays_out_of_the_form(settings: Settings, texts: Path) -> None:
    (texts / "greeting.id.txt").write_text("Halo {{ name }}\n\nYth. {{ name }}\n")
    subject, text = render(settings, "greeting", "id", name="Sari\r\nBcc: all@example.org\n\nx")
    assert subject == "Halo Sari Bcc: all@example.org x"
    assert text.startswith("Yth. Sari")


def test_a_value_is_not_a_template(settings: Settings, texts: Path) -> None:
    (texts / "greeting.id.txt").write_text("Halo\n\n{{ name }}\n")
    assert "{{ home }} & <b>" in render(settings, "greeting", "id", name="{{ home }} & <b>")[1]


def test_a_value_that_is_missing_is_an_error(settings: Settings, texts: Path) -> None:
    (texts / "greeting.id.txt").write_text("Halo\n\n{{ nobody }}\n")
    with pytest.raises(UndefinedError):
        render(settings, "greeting", "id")


def test_addresses_are_absolute_and_in_the_readers_language(settings: Settings) -> None:
    assert addresses.address(settings, "/documents/abc", "id") == "https://hub.example.go.id/documents/abc"
    assert addresses.address(settings, "/documents/abc", "en") == "https://hub.example.go.id/en/documents/abc"
    assert addresses.domain(settings) == "hub.example.go.id"


def test_without_a_public_address_it_is_where_the_hub_listens() -> None:
    assert addresses.address(load_settings(None, {}), "/", "en") == "http://127.0.0.1:8080/en/"
    six = load_settings(None, {"IKHUB_APP__HOST": "::1"})
    assert addresses.address(six, "/", "id") == "http://[::1]:8080/"
    assert addresses.domain(six) == "::1"

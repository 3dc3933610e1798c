"""The site's words: every message of templates and code has its Indonesian, and nothing else stands in the file."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Message
from flask import Flask

from app import i18n
from tests.site_words import messages, translations

_PLACEHOLDER = re.compile(r"%\(\w+\)s|</?\w+[^>]*>")


def test_no_message_is_missing_and_none_is_unused() -> None:
    translated = [message.id for message in translations()]
    assert messages() == set(translated)
    assert len(translated) == len(set(translated)), "a message stands in one file only"


@pytest.mark.parametrize("message", translations(), ids=lambda message: str(message.id)[:40])
def test_a_translation_says_everything_that_the_message_says(message: Message) -> None:
    assert not message.fuzzy
    originals = [message.id] if isinstance(message.id, str) else message.id
    said = [message.string] if isinstance(message.string, str) else list(message.string or ())
    assert len(said) == 1, "Indonesian has one form for any number"
    assert said[0].strip()
    assert sorted(_PLACEHOLDER.findall(said[0])) == sorted(_PLACEHOLDER.findall(originals[-1]))


@pytest.fixture
def words() -> Flask:
    flask = Flask("words")
    i18n.install(flask)
    return flask


@pytest.mark.parametrize(
    ("path", "language"), [("/", "id"), ("/search", "id"), ("/en/", "en"), ("/en", "en"), ("/english", "id")]
)
def test_the_address_says_the_language(words: Flask, path: str, language: str) -> None:
    with words.test_request_context(path):
        assert i18n.current_language() == language


@pytest.mark.parametrize(
    ("text", "indonesian", "english"),
    [
        ("2018-06-22", "22 Juni 2018", "22 June 2018"),
        ("2018-06", "Juni 2018", "June 2018"),
        ("2018", "2018", "2018"),
        ("2018-13-40", "2018-13-40", "2018-13-40"),
        ("long ago", "long ago", "long ago"),
        (None, "", ""),
    ],
)
def test_dates_are_written_as_people_write_them(words: Flask, text: str | None, indonesian: str, english: str) -> None:
    with words.test_request_context("/"):
        assert i18n.day(text) == indonesian
    with words.test_request_context("/en/"):
        assert i18n.day(text) == english


@pytest.mark.parametrize(
    ("count", "indonesian"),
    [(0, "0 B"), (999, "999 B"), (1234, "1,2 kB"), (2_777_837, "2,8 MB"), (25_000_000_000, "25 GB")],
)
def test_sizes_are_written_as_people_write_them(words: Flask, count: int, indonesian: str) -> None:
    with words.test_request_context("/"):
        assert i18n.size(count) == indonesian


def test_numbers_have_the_separators_of_the_language(words: Flask) -> None:
    with words.test_request_context("/"):
        assert (i18n.number(1234567), i18n.percent(0.7)) == ("1.234.567", "70%")
    with words.test_request_context("/en/"):
        assert (i18n.number(1234567), i18n.percent(0.7)) == ("1,234,567", "70%")

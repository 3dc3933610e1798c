"""The guides of contributors, editors and administrators: what they name is there, under the name that they give it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import click
import pytest

from app.cli import main
from tests.site_words import messages, translations

_DOCS = Path(__file__).parents[2] / "docs"
_GUIDES = _DOCS / "guides"
# Each guide, and the one that says the same in the other language.
ENGLISH = {
    "contributor.md": "kontributor.md",
    "editor.md": "penyunting.md",
    "administrator.md": "administrator.id.md",
}
INDONESIAN = tuple(ENGLISH.values())
ALL = (*ENGLISH, *INDONESIAN)
# Each guide says once, in these words, what bold type means in it.
_SAYS_WHAT_BOLD_IS = {"bold", "tebal"}

_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_LINK = re.compile(r"\]\(([^)#]*)(?:#([^)]*))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_COMMAND = re.compile(r"\bikhub((?: [a-z]+(?:-[a-z]+)*)+)((?: [^`\n]*)?)")
_OPTION = re.compile(r"(?<!\S)--[a-z-]+")


def _text(guide: str) -> str:
    return (_GUIDES / guide).read_text(encoding="utf-8")


@cache
def _words(language: str) -> frozenset[str]:
    if language == "en":
        return frozenset(message for message in messages() if isinstance(message, str))
    return frozenset(message.string for message in translations() if isinstance(message.string, str))


def _named(guide: str) -> list[str]:
    found = (" ".join(words.split()) for words in _BOLD.findall(_text(guide)))
    return [words for words in found if words not in _SAYS_WHAT_BOLD_IS]


def _anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = _HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _commands(guide: str) -> list[tuple[list[str], list[str]]]:
    """Return every command that a guide names, as its words, and the options that it gives it."""
    return [(words.split(), _OPTION.findall(rest)) for words, rest in _COMMAND.findall(_text(guide))]


def test_every_guide_is_held_to_its_words() -> None:
    assert {path.name for path in _GUIDES.glob("*.md")} == set(ALL)


@pytest.mark.parametrize("guide", ALL)
def test_buttons_fields_and_pages_are_called_so(guide: str) -> None:
    language = "en" if guide in ENGLISH else "id"
    named = _named(guide)
    assert len(named) > 30
    assert [words for words in named if words not in _words(language)] == []


@pytest.mark.parametrize(("guide", "other"), ENGLISH.items())
def test_both_languages_name_the_same(guide: str, other: str) -> None:
    indonesian = {message.id: str(message.string) for message in translations()}
    # As many times, though not always in the same order.
    assert sorted(indonesian[words] for words in _named(guide)) == sorted(_named(other))
    assert len(_HEADING.findall(_text(guide))) == len(_HEADING.findall(_text(other)))
    assert [words for words, _options in _commands(guide)] == [words for words, _options in _commands(other)]


@pytest.mark.parametrize("guide", ALL)
def test_commands_and_their_options_exist(guide: str) -> None:
    for words, options in _commands(guide):
        command: click.Command = main
        for word in words:
            if not isinstance(command, click.Group):
                break
            assert word in command.commands, f"ikhub {' '.join(words)}"
            command = command.commands[word]
        known = {option for parameter in command.params for option in parameter.opts}
        assert not isinstance(command, click.Group), f"ikhub {' '.join(words)} is no whole command"
        assert set(options) <= known, f"ikhub {' '.join(words)}"


@pytest.mark.parametrize("guide", ALL)
def test_links_lead_somewhere(guide: str) -> None:
    for file, anchor in _LINK.findall(_text(guide)):
        path = (_GUIDES / (file or guide)).resolve()
        assert path.is_file(), file
        assert not anchor or anchor in _anchors(path), f"{file}#{anchor}"


def test_the_readme_leads_to_each() -> None:
    readme = (_DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert [guide for guide in ALL if f"(docs/guides/{guide})" not in readme] == []

"""Languages of the site: gettext catalogues read when the application is made, and forms of dates and numbers.

The words in templates and code are English; the files of `app/translations/id/LC_MESSAGES` have them in Indonesian, one
file for each part of the site.
Indonesian pages stand at `/…`, English ones at `/en/…`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import get_args

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, has_request_context, request

from app.hub import current_hub
from desk.dates import LOCALES, day_in_words, moment_in_words
from indexer.model import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "id"
LANGUAGE_NAMES: Mapping[Language, str] = {"id": "Bahasa Indonesia", "en": "English"}

_FOLDER = Path(__file__).parent / "translations"
_EXTENSION = "ikhub-translations"
_UNITS = ("B", "kB", "MB", "GB")


def load_translations(folder: Path = _FOLDER) -> dict[Language, NullTranslations]:
    """Return the translations of each language; the language of the source needs none."""
    loaded: dict[Language, NullTranslations] = {"en": NullTranslations()}
    for language in LANGUAGES:
        if language not in loaded:
            paths = sorted((folder / language / "LC_MESSAGES").glob("*.po"))
            first, *others = (_read(path, language) for path in paths)
            for other in others:
                first.add(other)
            loaded[language] = first
    return loaded


def _read(path: Path, language: Language) -> Translations:
    with path.open("rb") as lines:
        catalogue = read_po(lines, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def install(app: Flask) -> None:
    """Make the translations and the forms of the present language known to `app` and its templates."""
    app.extensions[_EXTENSION] = load_translations()
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(day=day, moment=moment, number=number, percent=percent, size=size)


def current_language() -> Language:
    """Return the language of the page that is asked for."""
    if has_request_context():
        first = request.path.split("/", 2)[1]
        for language in LANGUAGES:
            if first == language != DEFAULT_LANGUAGE:
                return language
    return DEFAULT_LANGUAGE


def gettext(message: str) -> str:
    """Return a message in the present language."""
    translations: Mapping[Language, NullTranslations] = current_app.extensions[_EXTENSION]
    return translations[current_language()].ugettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return a message in the present language, in the form for `n` things."""
    translations: Mapping[Language, NullTranslations] = current_app.extensions[_EXTENSION]
    return translations[current_language()].ungettext(singular, plural, n)


def day(text: str | None) -> str:
    """Return a date of the catalogue (`2018`, `2018-06`, `2018-06-22`) as people write it; others as they stand."""
    return day_in_words(text, current_language())


def moment(at: datetime | None, *, with_time: bool = True) -> str:
    """Return a moment as people write it, in the hub's time zone; empty where there is none."""
    if at is None:
        return ""
    return moment_in_words(at, current_hub().settings.app.zone, current_language(), with_time=with_time)


def number(value: int | float) -> str:
    """Return a number as people write it."""
    return format_decimal(value, locale=LOCALES[current_language()])


def percent(share: float) -> str:
    """Return a share between 0 and 1 as a percentage."""
    return format_percent(share, locale=LOCALES[current_language()])


def size(count: int) -> str:
    """Return a number of bytes as people write it: `1,2 MB`."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    rounded = round(value, 1) if value < 10 and unit else round(value)
    return f"{number(rounded)} {_UNITS[unit]}"

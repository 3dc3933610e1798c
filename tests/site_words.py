"""The words of the site: the messages in its templates and code, and what its files of translations say."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import app

_APP = Path(app.__file__).parent
_FOLDER = _APP / "translations" / "id" / "LC_MESSAGES"


def messages() -> set[str | tuple[str, ...]]:
    """Return every message of templates and code, in English; a tuple where it has a plural."""
    found = extract_from_dir(
        _APP,
        method_map=[("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")],
        keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
    )
    return {message for _file, _line, message, _comments, _context in found}


def translations() -> list[Message]:
    """Return every message of the files of translations, with its Indonesian."""
    found: list[Message] = []
    for path in sorted(_FOLDER.glob("*.po")):
        with path.open("rb") as lines:
            found += [message for message in read_po(lines, locale="id", abort_invalid=True) if message.id]
    return found

"""Search templates: JSON with places to fill in. A place is a string that is wholly `{{name}}`; a value of any type
takes it, so that nothing a person types can change the shape of a query. A key whose value is ABSENT is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

from holdings.errors import ConfigurationError

_PLACE = re.compile(r"\{\{(\w+)\}\}")


class _Absent:
    pass


ABSENT: Final = _Absent()
_NEEDED = {
    "documents": ("minimum_should_match", "word", "phrase", "prefix", "prefix_fields", "facets", "sort", "body"),
    "pages": ("word", "phrase", "prefix", "pages_per_document", "snippet_characters", "body"),
}


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates, by name and part, as they stand in `search_templates/`."""

    documents: Mapping[str, Any]
    pages: Mapping[str, Any]


def load_templates(folder: Path | None = None) -> Templates:
    """Return the packaged templates, or those of `folder` where it has a file of the same name.

    Raises ConfigurationError that names the file and what is wrong with it.
    """
    return Templates(**{name: _load(name, folder) for name in _NEEDED})


def _load(name: str, folder: Path | None) -> Mapping[str, Any]:
    own = folder / f"{name}.json" if folder else None
    source = own if own and own.is_file() else resources.files("search_templates") / f"{name}.json"
    try:
        template = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The search template {source} cannot be read: {error}") from error
    missing = [part for part in _NEEDED[name] if not isinstance(template, dict) or part not in template]
    if missing:
        raise ConfigurationError(f"The search template {source} lacks {', '.join(missing)}")
    return dict(template)


def render(template: Any, values: Mapping[str, Any]) -> Any:
    """Return a copy of `template` with its places filled. Raises ConfigurationError for a place that has no value."""
    if isinstance(template, dict):
        filled = {}
        for key, value in template.items():
            result = render(value, values)
            if result is not ABSENT:
                filled[render(key, values) if key.startswith("{{") else key] = result
        return filled
    if isinstance(template, list):
        return [result for item in template if (result := render(item, values)) is not ABSENT]
    if isinstance(template, str) and (place := _PLACE.fullmatch(template)):
        try:
            return values[place[1]]
        except KeyError:
            known = ", ".join(sorted(values))
            raise ConfigurationError(f"A search template asks for {template}; there is only {known}") from None
    return template

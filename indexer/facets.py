"""Facets: from ids to labels and back, and whether an id exists."""

from __future__ import annotations

import re
from collections.abc import Mapping

from babel import Locale, UnknownLocaleError

from holdings.vocabularies.lookup import resolve, terms_of
from indexer.hub import Hub
from indexer.model import Facet, Language, Note

Filters = Mapping[Facet, tuple[str, ...]]

_YEARS = re.compile(r"(\d{4})|(\d{4})?\.\.(\d{4})?")


def facet_label(hub: Hub, facet: Facet, value: str, language: Language) -> str:
    """Return the name of a facet's value in a language; the id itself where there is none."""
    match facet:
        case Facet.ORGANISATION:
            present = hub.organisations.present(value)
            return hub.organisations.all()[present].label(language) if present is not None else value
        case Facet.LANGUAGE:
            return language_label(value, language)
        case Facet.YEAR:
            return value.replace("..", "–")
        case _:
            terms = terms_of(hub.vocabularies, facet.value)
            return terms[value].label(language) if value in terms else value


def language_label(code: str, language: Language) -> str:
    """Return the name of an ISO 639-1 language in Indonesian or English."""
    if code == "und":
        return "Tidak diketahui" if language == "id" else "Unknown"
    try:
        name = Locale.parse(code).get_display_name(language)
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].upper() + name[1:] if name else code


def resolve_facet(hub: Hub, facet: Facet, text: str) -> str | None:
    """Return the id of a facet's value given by id or by any of its names, None when there is none."""
    value = text.strip()
    if facet is Facet.YEAR:
        return value if is_year(value) else None
    if facet is Facet.LANGUAGE:
        return value.casefold() if is_language(value.casefold()) else None
    if facet is Facet.ORGANISATION:
        return hub.organisations.present(value)
    return resolve(hub.vocabularies, facet.value, value)


def is_year(value: str) -> bool:
    """Say whether a value is a year or a range of years, either end of which may be left out, not both."""
    found = _YEARS.fullmatch(value)
    return bool(found and any(found.groups()))


def is_language(value: str) -> bool:
    return bool(re.fullmatch(r"[a-z]{2,3}", value))


def lead_on(hub: Hub, filters: Filters) -> tuple[Filters, list[Note]]:
    """Return the filters with present ids in the place of former ones, and a note for each that leads on."""
    values = filters.get(Facet.ORGANISATION, ())
    led = {value: present for value in values if (present := hub.organisations.present(value) or value) != value}
    if not led:
        return filters, []
    notes = [Note("former_id", f"The organisation {old!r} is now {new!r}.") for old, new in led.items()]
    return {**filters, Facet.ORGANISATION: tuple(dict.fromkeys(led.get(value, value) for value in values))}, notes


def with_former_ids(hub: Hub, filters: Filters) -> Filters:
    """Return the filters with former ids beside the present ones: an index that is behind holds those."""
    values = filters.get(Facet.ORGANISATION, ())
    former = [old for value in values for old in hub.organisations.former(value)]
    return {**filters, Facet.ORGANISATION: (*values, *former)} if former else filters


def unknown_ids(hub: Hub, filters: Filters) -> list[Note]:
    """Return a note for each value of the filters that names nothing in its vocabulary."""
    notes = []
    for facet, values in filters.items():
        for value in values:
            if not _exists(hub, facet, value):
                notes.append(Note("unknown_id", f"There is no {facet.value} {value!r}."))
    return notes


def _exists(hub: Hub, facet: Facet, value: str) -> bool:
    match facet:
        case Facet.YEAR:
            return is_year(value)
        case Facet.LANGUAGE:
            return is_language(value)
        case Facet.ORGANISATION:
            return hub.organisations.present(value) is not None
        case _:
            return value in terms_of(hub.vocabularies, facet.value)

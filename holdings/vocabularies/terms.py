"""What the vocabularies are made of: frozen values that description, the catalogue, facets and pages read.

`holdings.vocabularies.reading` makes them from the data files of this folder; docs/vocabularies.md explains each file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Term:
    """A term of `vocabulary` (kind, group, priority or theme), with its names in both languages.

    `priorities` are the national priorities that it serves, broader ones included: a theme that serves
    deradicalisation serves prevention. `signals` are words that tell of a theme without naming it: description counts
    them, and search does not know them. A term that is `retired` is neither inferred nor offered any more.
    """

    vocabulary: str
    id: str
    label_id: str
    label_en: str
    synonyms_id: tuple[str, ...] = ()
    synonyms_en: tuple[str, ...] = ()
    scope_id: str = ""
    scope_en: str = ""
    broader: str | None = None
    priorities: tuple[str, ...] = ()
    signals_id: tuple[str, ...] = ()
    signals_en: tuple[str, ...] = ()
    retired: bool = False

    def label(self, language: str) -> str:
        """Return the label in `language`, Indonesian unless it is `en`."""
        return self.label_en if language == "en" else self.label_id

    def scope(self, language: str) -> str:
        """Return the scope note in `language`, Indonesian unless it is `en`; empty where there is none."""
        return self.scope_en if language == "en" else self.scope_id

    @property
    def names(self) -> tuple[str, ...]:
        """Every name of the term in either language, labels first, each once whatever its case."""
        return _each_once((self.label_id, self.label_en, *self.synonyms_id, *self.synonyms_en))


@dataclass(frozen=True, slots=True)
class Province:
    """A province of today. `since` is the date of the law `founded_by` for those split off after 1998, else None.

    `places` are islands, regions and towns in it that are no regencies: they tell of the province, and are no names of
    it.
    """

    id: str
    label_id: str
    label_en: str
    iso: str
    aliases: tuple[str, ...] = ()
    since: date | None = None
    founded_by: str | None = None
    split_from: str | None = None
    places: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """Return the name in `language`, Indonesian unless it is `en`."""
        return self.label_en if language == "en" else self.label_id

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that people write, labels first, each once whatever its case."""
        return _each_once((self.label_id, self.label_en, *self.aliases))

    @property
    def retired(self) -> bool:
        """Say, as of every term, whether it is offered no more: no province is."""
        return False

    def existed_on(self, day: date) -> bool:
        """Say whether the province had been founded by `day`."""
        return self.since is None or self.since <= day


class RegencyKind(StrEnum):
    """What a regency or city is by law; those of Jakarta are administrative, without a council of their own."""

    REGENCY = "kabupaten"
    CITY = "kota"
    ADMINISTRATIVE_REGENCY = "kabupaten-administrasi"
    ADMINISTRATIVE_CITY = "kota-administrasi"


_REGENCY_LABELS: Mapping[RegencyKind, tuple[str, str]] = {
    RegencyKind.REGENCY: ("Kabupaten {}", "{} Regency"),
    RegencyKind.CITY: ("Kota {}", "{} City"),
    RegencyKind.ADMINISTRATIVE_REGENCY: ("Kabupaten Administrasi {}", "{} Administrative Regency"),
    RegencyKind.ADMINISTRATIVE_CITY: ("Kota Administrasi {}", "{} Administrative City"),
}


@dataclass(frozen=True, slots=True)
class Regency:
    """A regency or city, rolled up into `province`.

    `name` stands without *Kabupaten* or *Kota*. Where `ambiguous`, the bare name and aliases are also a common word
    (Serang, Batu), another place or a person: they say nothing without *Kabupaten*, *Kota* or the province beside them.
    """

    code: str
    name: str
    kind: RegencyKind
    province: str
    aliases: tuple[str, ...] = ()
    ambiguous: bool = False

    def label(self, language: str) -> str:
        """Return the full name: *Kabupaten Poso*, or *Poso Regency* where `language` is `en`."""
        indonesian, english = _REGENCY_LABELS[self.kind]
        return (english if language == "en" else indonesian).format(self.name)


@dataclass(frozen=True, slots=True)
class OrganisationSeed:
    """An organisation that the hub knows from its start. `group` is the id of a stakeholder group."""

    id: str
    name_id: str
    name_en: str
    acronym: str | None
    aliases: tuple[str, ...]
    group: str

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that people write, the full names first, each once whatever its case."""
        acronym = (self.acronym,) if self.acronym else ()
        return _each_once((self.name_id, self.name_en, *acronym, *self.aliases))


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """All vocabularies, each by id (regencies by code) and in the order of its file."""

    kinds: Mapping[str, Term]
    stakeholder_groups: Mapping[str, Term]
    priorities: Mapping[str, Term]
    themes: Mapping[str, Term]
    provinces: Mapping[str, Province]
    regencies: Mapping[str, Regency]
    organisations: Mapping[str, OrganisationSeed]
    licences: Mapping[str, Term]

    def priorities_with_broader(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Return priorities with every broader one, in the order of their file; unknown ids are left out."""
        return with_broader(ids, self.priorities)


def with_broader(ids: Iterable[str], terms: Mapping[str, Term]) -> tuple[str, ...]:
    """Return the ids of `terms` that `ids` names, or that are broader than one of them, in the order of `terms`."""
    reached: set[str] = set()
    for term_id in ids:
        step: str | None = term_id
        while step is not None and step in terms and step not in reached:
            reached.add(step)
            step = terms[step].broader
    return tuple(term_id for term_id in terms if term_id in reached)


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple({name.casefold(): name for name in reversed(tuple(names))}.values())[::-1]

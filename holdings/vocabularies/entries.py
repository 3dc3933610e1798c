"""The shape of an entry in each data file: what `holdings.vocabularies.reading` checks before it makes terms of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from holdings.vocabularies.terms import OrganisationSeed, Province, Regency, RegencyKind, Term

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
ProvinceCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
RegencyCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}$")]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Bilingual(Entry):
    """One text in both languages."""

    id: Text
    en: Text


class Synonyms(Entry):
    id: tuple[Text, ...] = ()
    en: tuple[Text, ...] = ()


class TermEntry(Entry):
    id: Slug
    label: Bilingual
    scope: Bilingual | None = None
    synonyms: Synonyms = Field(default_factory=Synonyms)
    signals: Synonyms = Field(default_factory=Synonyms)
    broader: Slug | None = None
    priorities: tuple[Slug, ...] = ()

    def term(self, vocabulary: str) -> Term:
        return Term(
            vocabulary=vocabulary,
            id=self.id,
            label_id=self.label.id,
            label_en=self.label.en,
            synonyms_id=self.synonyms.id,
            synonyms_en=self.synonyms.en,
            signals_id=self.signals.id,
            signals_en=self.signals.en,
            scope_id=self.scope.id if self.scope else "",
            scope_en=self.scope.en if self.scope else "",
            broader=self.broader,
            priorities=self.priorities,
        )


class ProvinceEntry(Entry):
    id: ProvinceCode
    iso: Text
    label: Bilingual
    aliases: tuple[Text, ...] = ()
    since: date | None = None
    founded_by: Text | None = None
    split_from: ProvinceCode | None = None
    places: tuple[Text, ...] = ()

    def province(self) -> Province:
        return Province(
            id=self.id,
            label_id=self.label.id,
            label_en=self.label.en,
            iso=self.iso,
            aliases=self.aliases,
            since=self.since,
            founded_by=self.founded_by,
            split_from=self.split_from,
            places=self.places,
        )


class RegencyEntry(Entry):
    code: RegencyCode
    name: Text
    type: RegencyKind
    province: ProvinceCode
    aliases: tuple[Text, ...] = ()
    ambiguous: bool = False

    def regency(self) -> Regency:
        return Regency(
            code=self.code,
            name=self.name,
            kind=self.type,
            province=self.province,
            aliases=self.aliases,
            ambiguous=self.ambiguous,
        )


class OrganisationEntry(Entry):
    id: Slug
    name: Bilingual
    group: Slug
    acronym: Text | None = None
    aliases: tuple[Text, ...] = ()

    def organisation(self) -> OrganisationSeed:
        return OrganisationSeed(
            id=self.id,
            name_id=self.name.id,
            name_en=self.name.en,
            acronym=self.acronym,
            aliases=self.aliases,
            group=self.group,
        )

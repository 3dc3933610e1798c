"""Reads the data files of the vocabularies, and refuses what would only show much later, as a facet that is wrong.

Every error names the file and the term, for the person who keeps that file.
"""

from __future__ import annotations

import csv
import importlib.resources
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from holdings.errors import ConfigurationError
from holdings.vocabularies.entries import Entry, OrganisationEntry, ProvinceEntry, RegencyEntry, TermEntry
from holdings.vocabularies.terms import OrganisationSeed, Province, Regency, Term, Vocabularies, with_broader

KINDS = "kinds.yaml"
STAKEHOLDER_GROUPS = "stakeholder_groups.yaml"
PRIORITIES = "priorities.yaml"
THEMES = "themes.yaml"
PROVINCES = "provinces.yaml"
REGENCIES = "regencies.csv"
ORGANISATIONS = "organisations.yaml"
LICENCES = "licences.yaml"
VOCABULARY_OF = {
    KINDS: "kind",
    STAKEHOLDER_GROUPS: "group",
    PRIORITIES: "priority",
    THEMES: "theme",
    LICENCES: "licence",
}
FILES = (KINDS, STAKEHOLDER_GROUPS, PRIORITIES, THEMES, PROVINCES, REGENCIES, ORGANISATIONS, LICENCES)

# Scripts outside the hub rely on these ids: a file of one's own may label them otherwise and add others.
CONTRACTED_KINDS = ("report", "policy-paper", "programme-document", "regulation", "research", "guideline", "other")
CONTRACTED_GROUPS = ("ministry", "local-government", "donor", "multilateral", "ngo", "private-sector", "academia")

# The parser in C is several times faster; it is missing where PyYAML was built without libyaml.
_YamlLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

EntryT = TypeVar("EntryT", bound=Entry)
ValueT = TypeVar("ValueT")


def load_vocabularies(folder: Path | None = None) -> Vocabularies:
    """Return the packaged vocabularies, with each file that `folder` holds in place of the packaged one of that name.

    Raises ConfigurationError, naming file and term, for a file that cannot be read or whose name is no vocabulary's,
    an entry that does not fit, an id that stands there twice, and a reference to an id that does not exist.
    """
    sources = _sources(folder)
    priorities = _priorities(sources[PRIORITIES])
    groups = _terms(STAKEHOLDER_GROUPS, sources[STAKEHOLDER_GROUPS], priorities, CONTRACTED_GROUPS)
    provinces = _provinces(sources[PROVINCES])
    return Vocabularies(
        kinds=_terms(KINDS, sources[KINDS], priorities, CONTRACTED_KINDS),
        stakeholder_groups=groups,
        priorities=priorities,
        themes=_terms(THEMES, sources[THEMES], priorities),
        provinces=provinces,
        regencies=_regencies(sources[REGENCIES], provinces),
        organisations=_organisations(sources[ORGANISATIONS], groups),
        licences=_terms(LICENCES, sources[LICENCES], priorities),
    )


def _sources(folder: Path | None) -> Mapping[str, Traversable]:
    packaged = importlib.resources.files("holdings.vocabularies")
    sources: dict[str, Traversable] = {name: packaged / name for name in FILES}
    if folder is None:
        return sources
    if not folder.is_dir():
        raise ConfigurationError(f"The folder of vocabularies {folder} does not exist")
    for path in sorted(folder.iterdir()):
        if path.name in sources:
            sources[path.name] = path
        elif path.suffix in {".yaml", ".yml", ".csv"}:
            # A misspelt name would leave the packaged file in force, and nobody would notice.
            raise ConfigurationError(f"{path} is no vocabulary: a file here has one of the names {', '.join(FILES)}")
    return sources


def _priorities(source: Traversable) -> Mapping[str, Term]:
    terms = _collected(PRIORITIES, _terms_of(PRIORITIES, source))
    _check_broader(PRIORITIES, terms)
    return terms


def _terms(
    file: str, source: Traversable, priorities: Mapping[str, Term], contracted: Iterable[str] = ()
) -> Mapping[str, Term]:
    terms = _collected(file, _terms_of(file, source))
    _check_broader(file, terms)
    for term in terms.values():
        for priority in term.priorities:
            _require(file, term.id, "priorities", priority, priorities)
    for term_id in contracted:
        if term_id not in terms:
            raise _refusal(file, term_id, "is missing, and scripts outside the hub rely on it")
    return {term.id: replace(term, priorities=with_broader(term.priorities, priorities)) for term in terms.values()}


def _check_broader(file: str, terms: Mapping[str, Term]) -> None:
    for term in terms.values():
        _require(file, term.id, "broader", term.broader, terms)
    for term in terms.values():
        above, steps = term.broader, 0
        while above is not None and steps < len(terms):
            above, steps = terms[above].broader, steps + 1
        if above is not None:
            raise _refusal(file, term.id, "is broader than itself")


def _terms_of(file: str, source: Traversable) -> Iterator[tuple[str, Term]]:
    for entry in _entries(file, "terms", source, TermEntry):
        yield entry.id, entry.term(VOCABULARY_OF[file])


def _provinces(source: Traversable) -> Mapping[str, Province]:
    entries = _entries(PROVINCES, "provinces", source, ProvinceEntry)
    provinces = _collected(PROVINCES, ((entry.id, entry.province()) for entry in entries))
    for province in provinces.values():
        _require(PROVINCES, province.id, "split_from", province.split_from, provinces)
    return provinces


def _regencies(source: Traversable, provinces: Mapping[str, Province]) -> Mapping[str, Regency]:
    regencies = _collected(REGENCIES, ((entry.code, entry.regency()) for entry in _rows(REGENCIES, source)))
    for regency in regencies.values():
        _require(REGENCIES, regency.code, "province", regency.province, provinces)
    return regencies


def _organisations(source: Traversable, groups: Mapping[str, Term]) -> Mapping[str, OrganisationSeed]:
    entries = _entries(ORGANISATIONS, "organisations", source, OrganisationEntry)
    organisations = _collected(ORGANISATIONS, ((entry.id, entry.organisation()) for entry in entries))
    for organisation in organisations.values():
        _require(ORGANISATIONS, organisation.id, "group", organisation.group, groups)
    return organisations


def _entries(file: str, key: str, source: Traversable, shape: type[EntryT]) -> Iterator[EntryT]:
    try:
        content = yaml.load(_text(file, source), Loader=_YamlLoader)  # noqa: S506 - safe ones, in C where there is it
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{file} is not YAML: {error}") from error
    if not isinstance(content, dict) or set(content) != {key} or not isinstance(content[key], list):
        raise ConfigurationError(f"{file} must hold the one key `{key}` with a list of entries")
    for number, raw in enumerate(content[key], start=1):
        name = raw.get("id") if isinstance(raw, dict) else None
        yield _checked(file, f"entry {number}" if name is None else str(name), raw, shape)


def _rows(file: str, source: Traversable) -> Iterator[RegencyEntry]:
    columns = list(RegencyEntry.model_fields)
    rows = csv.DictReader(io.StringIO(_text(file, source)), restkey="more")
    if rows.fieldnames != columns:
        raise ConfigurationError(f"{file} must begin with the line {','.join(columns)}")
    for row in rows:
        raw: dict[str, Any] = dict(row)
        raw["aliases"] = [alias for alias in (row["aliases"] or "").split(";") if alias.strip()]
        raw["ambiguous"] = row["ambiguous"] or False
        yield _checked(file, row["code"] or f"line {rows.line_num}", raw, RegencyEntry)


def _text(file: str, source: Traversable) -> str:
    try:
        return source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read from {source}: {error}") from error


def _checked(file: str, name: str, raw: object, shape: type[EntryT]) -> EntryT:
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}".removeprefix(": ")
            for detail in error.errors()
        )
        raise _refusal(file, name, f"does not fit: {problems}") from error


def _collected(file: str, pairs: Iterable[tuple[str, ValueT]]) -> Mapping[str, ValueT]:
    values: dict[str, ValueT] = {}
    for key, value in pairs:
        if key in values:
            raise _refusal(file, key, "stands there twice")
        values[key] = value
    return values


def _require(file: str, name: str, field: str, reference: str | None, known: Mapping[str, object]) -> None:
    if reference is not None and reference not in known:
        raise _refusal(file, name, f"{field}: there is no {reference!r}")


def _refusal(file: str, name: str, problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"{file}: {name} {problem}", advice="Correct that file; docs/vocabularies.md shows what each one holds."
    )

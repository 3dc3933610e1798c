"""What people changed of the vocabularies, laid over what the data files say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from holdings.vocabularies.lookup import Terms, terms_of
from holdings.vocabularies.terms import Province, Term, Vocabularies, with_broader

# Those whose terms can be edited, by the names of the facets.
EDITED = ("theme", "kind", "group", "priority", "province")
# Those to which people add, and in which they retire: scripts outside the hub rely on the ids of the others.
OPEN = frozenset({"theme"})
_FIELDS: Mapping[str, str] = MappingProxyType(
    {"theme": "themes", "kind": "kinds", "group": "stakeholder_groups", "priority": "priorities"}
)


@dataclass(frozen=True, slots=True)
class TermEdit:
    """What people say of a term, in the place of what the data file says, or of one that no file has.

    `synonyms_id` are the other names of a province in either language. `priorities` are the narrowest that a theme
    serves. What is `retired` keeps its documents and its names, and is neither inferred nor offered any more.
    """

    vocabulary: str
    id: str
    label_id: str
    label_en: str
    synonyms_id: tuple[str, ...] = ()
    synonyms_en: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    retired: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (self.label_id, self.label_en, *self.synonyms_id, *self.synonyms_en)


def with_edits(vocabularies: Vocabularies, edits: Iterable[TermEdit]) -> Vocabularies:
    """Return the vocabularies as people have edited them."""
    terms: dict[str, dict[str, Term]] = {}
    provinces = dict(vocabularies.provinces)
    for edit in edits:
        if edit.vocabulary == "province":
            if edit.id in provinces:
                provinces[edit.id] = _edited_province(provinces[edit.id], edit)
        elif edit.vocabulary in _FIELDS:
            known = terms.setdefault(edit.vocabulary, dict(_terms(vocabularies, edit.vocabulary)))
            if edit.id in known or edit.vocabulary in OPEN:
                known[edit.id] = _edited_term(known.get(edit.id), edit, vocabularies.priorities)
    changed = {_FIELDS[vocabulary]: several for vocabulary, several in terms.items()}
    return replace(vocabularies, provinces=provinces, **changed)  # type: ignore[arg-type]


def edit_of(vocabularies: Vocabularies, vocabulary: str, term_id: str) -> TermEdit | None:
    """Return a term as it stands, to be edited; None where there is none."""
    term = terms_of(vocabularies, vocabulary).get(term_id)
    if term is None:
        return None
    if isinstance(term, Province):
        return TermEdit(vocabulary, term.id, term.label_id, term.label_en, term.aliases)
    return TermEdit(
        vocabulary=vocabulary,
        id=term.id,
        label_id=term.label_id,
        label_en=term.label_en,
        synonyms_id=term.synonyms_id,
        synonyms_en=term.synonyms_en,
        priorities=_narrowest(term.priorities, vocabularies.priorities) if vocabulary == "theme" else (),
        retired=term.retired,
    )


def conflicts(vocabularies: Vocabularies, edit: TermEdit) -> list[tuple[str, str]]:
    """Return the names that another term of the vocabulary has already, each with the id of that term."""
    others = {
        _key(name): term.id
        for term in terms_of(vocabularies, edit.vocabulary).values()
        if term.id != edit.id
        for name in term.names
    }
    return [(name, others[_key(name)]) for name in dict.fromkeys(edit.names) if _key(name) in others]


def _edited_term(term: Term | None, edit: TermEdit, priorities: Mapping[str, Term]) -> Term:
    term = term or Term(edit.vocabulary, edit.id, edit.label_id, edit.label_en)
    served = with_broader(edit.priorities, priorities) if edit.vocabulary == "theme" else term.priorities
    return replace(
        term,
        label_id=edit.label_id,
        label_en=edit.label_en,
        synonyms_id=edit.synonyms_id,
        synonyms_en=edit.synonyms_en,
        priorities=served,
        retired=edit.retired,
    )


def _edited_province(province: Province, edit: TermEdit) -> Province:
    aliases = (*edit.synonyms_id, *edit.synonyms_en)
    return replace(province, label_id=edit.label_id, label_en=edit.label_en, aliases=aliases)


def _terms(vocabularies: Vocabularies, vocabulary: str) -> Mapping[str, Term]:
    terms: Terms = terms_of(vocabularies, vocabulary)
    return {term.id: term for term in terms.values() if isinstance(term, Term)}


def _narrowest(ids: Iterable[str], priorities: Mapping[str, Term]) -> tuple[str, ...]:
    listed = tuple(ids)
    return tuple(one for one in listed if not any(priorities[other].broader == one for other in listed))


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()

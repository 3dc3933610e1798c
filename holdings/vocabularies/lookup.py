"""Finding a term by its id or by any of its names. Vocabularies are named as the facets are: kind, theme, …"""

from __future__ import annotations

from collections.abc import Mapping

from holdings.vocabularies.terms import Province, Term, Vocabularies

Terms = Mapping[str, Term] | Mapping[str, Province]


def terms_of(vocabularies: Vocabularies, vocabulary: str) -> Terms:
    """Return the terms of `kind`, `theme`, `province`, `group`, `priority` or `licence`. Raises KeyError for others."""
    vocabularies_by_name: dict[str, Terms] = {
        "kind": vocabularies.kinds,
        "theme": vocabularies.themes,
        "province": vocabularies.provinces,
        "group": vocabularies.stakeholder_groups,
        "priority": vocabularies.priorities,
        "licence": vocabularies.licences,
    }
    return vocabularies_by_name[vocabulary]


def resolve(vocabularies: Vocabularies, vocabulary: str, text: str) -> str | None:
    """Return the id of the term with this id or name, whatever its case; None when there is none."""
    terms = terms_of(vocabularies, vocabulary)
    wanted = " ".join(text.split()).casefold()
    if wanted in terms:
        return wanted
    return next((i for i, term in terms.items() if any(name.casefold() == wanted for name in term.names)), None)


def organisation_ids_by_name(vocabularies: Vocabularies) -> dict[str, str]:
    """Return the id of each packaged organisation by each of its names, case-folded."""
    return {
        name.casefold(): organisation.id
        for organisation in vocabularies.organisations.values()
        for name in organisation.names
    }

"""The words of the hub: kinds, stakeholder groups, national priorities, themes, provinces, regencies, organisations.

They are data files of this folder. `load_vocabularies` reads and checks them once, at an entry point, and the value is
passed down from there.
"""

from __future__ import annotations

from holdings.vocabularies.reading import load_vocabularies
from holdings.vocabularies.terms import OrganisationSeed, Province, Regency, RegencyKind, Term, Vocabularies

__all__ = [
    "OrganisationSeed",
    "Province",
    "Regency",
    "RegencyKind",
    "Term",
    "Vocabularies",
    "load_vocabularies",
]

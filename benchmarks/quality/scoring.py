"""Comparing what was inferred of a document with its labels, and counting.

Of a field with one value, each document counts once. Of a field with several, each value counts: one that is labelled
optional counts neither when it is found nor when it is not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.quality.labels import Case, Expected
from holdings.model import MANY_VALUED, DocumentField
from holdings.vocabularies import Vocabularies

Same = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one field of one case. `wrong` are values found but not expected, `missed` the other way round."""

    case: Case
    field: DocumentField
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def exact(self) -> bool:
        return not self.wrong and not self.missed


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over many outcomes: `cases` is their number, `expected` and `found` are numbers of values."""

    cases: int
    exact: int
    right: int
    expected: int
    found: int

    @property
    def precision(self) -> float | None:
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        return self.right / self.expected if self.expected else None

    @property
    def accuracy(self) -> float | None:
        return self.exact / self.cases if self.cases else None


def tally(outcomes: Iterable[Outcome]) -> Tally:
    cases = exact = right = expected = found = 0
    for outcome in outcomes:
        cases += 1
        exact += outcome.exact
        right += len(outcome.right)
        expected += len(outcome.right) + len(outcome.missed)
        found += len(outcome.right) + len(outcome.wrong)
    return Tally(cases, exact, right, expected, found)


class Comparison:
    """Compares values as a person would: spelling of titles folded, organisations by any name, dates as precise as
    the label."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self._vocabularies = vocabularies
        self._organisations = {
            name.casefold(): organisation.id
            for organisation in vocabularies.organisations.values()
            for name in (organisation.id, *organisation.names)
        }
        self._same: Mapping[DocumentField, Same] = {
            DocumentField.TITLE: lambda label, value: folded(label) == folded(value),
            DocumentField.NUMBER: lambda label, value: folded(label) == folded(value),
            DocumentField.DATE: lambda label, value: value == label or value.startswith(f"{label}-"),
            DocumentField.AUTHOR: lambda label, value: _words(label) == _words(value),
            DocumentField.ORGANISATION: lambda label, value: self._organisation(label) == self._organisation(value),
        }

    def outcomes(self, case: Case, found: Mapping[DocumentField, Sequence[str]]) -> list[Outcome]:
        """Return the outcome of each field that is labelled."""
        return [self._outcome(case, f, found.get(f, ())) for f in case.expected]

    def _outcome(self, case: Case, document_field: DocumentField, found: Sequence[str]) -> Outcome:
        same = self._same.get(document_field, str.__eq__)
        expected = case.expected[document_field]
        if document_field is DocumentField.PRIORITY:
            found = self._vocabularies.priorities_with_broader(found)
            expected = self._broader(expected)
        left = list(dict.fromkeys(found))
        right: list[str] = []
        missed: list[str] = []
        for value in sorted(expected, key=lambda value: value.optional):
            hit = next((f for f in left if any(same(form, f) for form in value.forms)), None)
            if hit is not None:
                left.remove(hit)
            if value.optional:
                continue
            (right if hit is not None else missed).append(value.forms[0])
        if document_field not in MANY_VALUED and len(left) > 1:
            raise ValueError(f"{case.id}: {len(left)} values of {document_field.value}, which has one")
        return Outcome(case, document_field, tuple(right), tuple(left), tuple(missed))

    def _broader(self, expected: Iterable[Expected]) -> tuple[Expected, ...]:
        """Return priorities with those that follow from them; what follows from an optional one only is optional."""
        required = [value.forms[0] for value in expected if not value.optional]
        with_broader = self._vocabularies.priorities_with_broader(required)
        optional = self._vocabularies.priorities_with_broader(v.forms[0] for v in expected if v.optional)
        return tuple(
            [Expected((name,)) for name in with_broader]
            + [Expected((name,), optional=True) for name in optional if name not in with_broader]
        )

    def _organisation(self, name: str) -> str:
        wanted = " ".join(name.split()).casefold()
        return self._organisations.get(wanted, folded(name))


def folded(text: str) -> str:
    """Return a text without case, white space and punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _words(name: str) -> list[str]:
    """Return the words of a name in an order that does not tell whether the family name came first."""
    return sorted(filter(None, (folded(word) for word in name.replace(",", " ").split())))

"""Profiles of organisations, and what people edit of vocabularies, as pure values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdings.model import Organisation
from holdings.profiles import Fault, faults, is_id, is_website
from holdings.vocabularies import Vocabularies, load_vocabularies
from holdings.vocabularies.edits import EDITED, TermEdit, conflicts, edit_of, with_edits
from holdings.vocabularies.lookup import terms_of

GROUPS = {"ngo"}
RIGHT = Organisation("yc", "Yayasan Contoh", "Example Foundation", "YC", "ngo", website="https://yc.example")


@pytest.fixture(scope="module")
def vocabularies() -> Vocabularies:
    return load_vocabularies()


def test_a_profile_that_fits_has_no_fault() -> None:
    assert faults(RIGHT, GROUPS) == []
    assert faults(Organisation("yc", "Y", "Y"), GROUPS) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"id": "Bukan Id"}, Fault.ID),
        ({"id": "x" * 81}, Fault.ID),
        ({"name_en": "  "}, Fault.NAME),
        ({"name_id": "x" * 301}, Fault.NAME),
        ({"acronym": "x" * 41}, Fault.ACRONYM),
        ({"group": "tidak-ada"}, Fault.GROUP),
        ({"description_en": "x" * 5001}, Fault.DESCRIPTION),
        ({"website": "yc.example"}, Fault.WEBSITE),
        ({"quota_mb": -1}, Fault.QUOTA),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, object], fault: Fault) -> None:
    assert [wrong.fault for wrong in faults(replace(RIGHT, **changes), GROUPS)] == [fault]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "is_right"),
    [
        ("https://bnpt.go.id/", True),
        ("http://contoh.example:8080/a?b=c#d", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//bnpt.go.id", False),
        ("https://", False),
        ("https://user:secret@bnpt.go.id", False),
        ("https://[::1", False),
        ("https://bnpt.go.id/ a", False),
        ("https://bnpt.go.id/\u202e", False),
        ("https://" + "x" * 400, False),
    ],
)
def test_websites(address: str, is_right: bool) -> None:
    assert is_website(address) is is_right


def test_ids() -> None:
    assert is_id("densus-88")
    assert not any(is_id(text) for text in ("", "-a", "a-", "a--b", "Ä", "a_b", "a\n"))


def test_an_edit_of_each_vocabulary_is_laid_over_it_and_nothing_else(vocabularies: Vocabularies) -> None:
    for vocabulary in EDITED:
        term_id = next(iter(terms_of(vocabularies, vocabulary)))
        known = edit_of(vocabularies, vocabulary, term_id)
        assert known is not None
        assert with_edits(vocabularies, [known]) == vocabularies, "an edit that says the same changes nothing"
        edit = replace(known, label_en="Otherwise", synonyms_id=(*known.synonyms_id, "lain"))
        edited = with_edits(vocabularies, [edit])
        assert edit_of(edited, vocabulary, term_id) == edit
        assert list(terms_of(edited, vocabulary)) == list(terms_of(vocabularies, vocabulary))
        assert with_edits(edited, [known]) == vocabularies


def test_themes_are_added_and_others_are_not(vocabularies: Vocabularies) -> None:
    theme = TermEdit("theme", "sports", "Olahraga", "Sport", priorities=("deradicalisation",))
    edited = with_edits(vocabularies, [theme, replace(theme, vocabulary="kind"), replace(theme, vocabulary="province")])
    assert edited.themes["sports"].priorities == ("prevention", "deradicalisation")
    assert edit_of(edited, "theme", "sports") == theme
    assert (edited.kinds, edited.provinces) == (vocabularies.kinds, vocabularies.provinces)


def test_a_name_belongs_to_one_term_whatever_its_case(vocabularies: Vocabularies) -> None:
    youth = edit_of(vocabularies, "theme", "youth")
    assert youth is not None
    assert conflicts(vocabularies, youth) == []
    taken = TermEdit("theme", "sports", "Olahraga", "Sport", ("  RAN   pe",), (youth.label_en.upper(),))
    assert dict(conflicts(vocabularies, taken)) == {"  RAN   pe": "action-plans", youth.label_en.upper(): "youth"}

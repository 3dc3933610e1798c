"""The packaged vocabularies hold what the hub promises, and a file that does not fit is refused by file and term."""

from __future__ import annotations

import pickle
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest

from holdings.errors import ConfigurationError
from holdings.vocabularies import Province, RegencyKind, Term, Vocabularies, load_vocabularies
from holdings.vocabularies.reading import FILES

PACKAGED = Path(__file__).parents[2] / "holdings" / "vocabularies"


@pytest.fixture(scope="module")
def vocabularies() -> Vocabularies:
    return load_vocabularies()


def test_counts(vocabularies: Vocabularies) -> None:
    assert len(vocabularies.provinces) == 38
    assert len(vocabularies.regencies) == 514
    assert Counter(regency.kind for regency in vocabularies.regencies.values()) == {
        RegencyKind.REGENCY: 415,
        RegencyKind.CITY: 93,
        RegencyKind.ADMINISTRATIVE_REGENCY: 1,
        RegencyKind.ADMINISTRATIVE_CITY: 5,
    }
    assert 20 <= len(vocabularies.themes) <= 30
    assert 40 <= len(vocabularies.organisations) <= 80


def test_ids_of_the_contract(vocabularies: Vocabularies) -> None:
    kinds = "report policy-paper programme-document regulation research guideline other"
    groups = "ministry local-government donor multilateral ngo private-sector academia"
    assert list(vocabularies.kinds) == kinds.split()
    assert list(vocabularies.stakeholder_groups) == groups.split()
    assert {"33", "bnpt"} <= {*vocabularies.provinces, *vocabularies.organisations}


def test_the_three_pillars_and_what_they_name(vocabularies: Vocabularies) -> None:
    narrower = defaultdict(list)
    for term in vocabularies.priorities.values():
        narrower[term.broader].append(term.id)
    assert narrower == {
        None: ["prevention", "law-and-protection", "partnership-and-cooperation"],
        "prevention": ["preparedness", "counter-radicalisation", "deradicalisation"],
        "law-and-protection": ["law-enforcement", "witness-and-victim-protection", "legal-framework"],
        "partnership-and-cooperation": ["partnership", "international-cooperation"],
    }


def test_a_term_knows_its_vocabulary_by_the_name_of_its_facet(vocabularies: Vocabularies) -> None:
    assert vocabularies.kinds["report"].vocabulary == "kind"
    assert vocabularies.stakeholder_groups["ngo"].vocabulary == "group"
    assert vocabularies.priorities["prevention"].vocabulary == "priority"
    assert vocabularies.themes["prisons"].vocabulary == "theme"


def test_every_theme_has_labels_scope_synonyms_and_priorities(vocabularies: Vocabularies) -> None:
    for theme in vocabularies.themes.values():
        assert theme.label("id"), theme.id
        assert theme.label("en"), theme.id
        assert theme.scope("id"), theme.id
        assert theme.scope("en"), theme.id
        assert 5 <= len(theme.synonyms_id) <= 12, theme.id
        assert 5 <= len(theme.synonyms_en) <= 12, theme.id
        assert theme.priorities, theme.id


def test_every_narrow_priority_is_served_by_a_theme(vocabularies: Vocabularies) -> None:
    served = {priority for theme in vocabularies.themes.values() for priority in theme.priorities}
    assert served == set(vocabularies.priorities)


def _shared_names(named: Iterable[tuple[str, Iterable[str]]]) -> dict[str, set[str]]:
    holders: dict[str, set[str]] = defaultdict(set)
    for holder, names in named:
        for name in names:
            holders[name.casefold()].add(holder)
    return {name: ids for name, ids in holders.items() if len(ids) > 1}


def test_no_name_belongs_to_two(vocabularies: Vocabularies) -> None:
    groups: tuple[Iterable[Term] | Iterable[Province], ...] = (
        vocabularies.kinds.values(),
        vocabularies.stakeholder_groups.values(),
        vocabularies.priorities.values(),
        vocabularies.themes.values(),
        vocabularies.provinces.values(),
    )
    for terms in groups:
        assert _shared_names((term.id, term.names) for term in terms) == {}
    assert _shared_names((seed.id, seed.names) for seed in vocabularies.organisations.values()) == {}


def test_a_synonym_stands_once_in_its_list(vocabularies: Vocabularies) -> None:
    for theme in vocabularies.themes.values():
        for synonyms in (theme.synonyms_id, theme.synonyms_en):
            assert len({synonym.casefold() for synonym in synonyms}) == len(synonyms), theme.id


def test_every_regency_rolls_up_into_the_province_of_its_code(vocabularies: Vocabularies) -> None:
    for regency in vocabularies.regencies.values():
        assert regency.province in vocabularies.provinces
        assert regency.code.startswith(f"{regency.province}.")
    assert {regency.province for regency in vocabularies.regencies.values()} == set(vocabularies.provinces)


def test_a_bare_name_of_two_provinces_is_ambiguous(vocabularies: Vocabularies) -> None:
    provinces: dict[str, set[str]] = defaultdict(set)
    for regency in vocabularies.regencies.values():
        for name in (regency.name, *regency.aliases):
            provinces[name.casefold()].add(regency.province)
    for regency in vocabularies.regencies.values():
        names = (regency.name, *regency.aliases)
        if any(len(provinces[name.casefold()]) > 1 for name in names):
            assert regency.ambiguous, regency.label("id")


def test_a_regency_and_a_city_of_one_name_are_flagged_alike(vocabularies: Vocabularies) -> None:
    flags: dict[str, set[bool]] = defaultdict(set)
    for regency in vocabularies.regencies.values():
        flags[regency.name].add(regency.ambiguous)
    assert [name for name, seen in flags.items() if len(seen) > 1] == []
    assert flags["Serang"] == flags["Batu"] == {True}
    assert flags["Poso"] == {False}


def test_names_of_regencies_in_both_languages(vocabularies: Vocabularies) -> None:
    assert vocabularies.regencies["72.02"].label("id") == "Kabupaten Poso"
    assert vocabularies.regencies["72.02"].label("en") == "Poso Regency"
    assert vocabularies.regencies["33.72"].label("id") == "Kota Surakarta"
    assert vocabularies.regencies["33.72"].label("en") == "Surakarta City"
    assert vocabularies.regencies["31.74"].label("id") == "Kota Administrasi Jakarta Selatan"


def test_province_codes(vocabularies: Vocabularies) -> None:
    iso = [province.iso for province in vocabularies.provinces.values()]
    assert len(set(iso)) == 38
    assert all(re.fullmatch("ID-[A-Z]{2}", code) for code in iso)
    # Not the codes of the geographical units of the same names, ID-ML and ID-PP.
    assert vocabularies.provinces["81"].iso == "ID-MA"
    assert vocabularies.provinces["91"].iso == "ID-PA"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Jogja", "34"),
        ("DIY", "34"),
        ("DKJ", "31"),
        ("Nanggroe Aceh Darussalam", "11"),
        ("Kepri", "21"),
        ("Babel", "19"),
        ("NTB", "52"),
        ("NTT", "53"),
        ("Irian Jaya", "91"),
        ("Irian Jaya Barat", "92"),
        ("Jateng", "33"),
        ("Central Java", "33"),
        ("Sumut", "12"),
    ],
)
def test_names_of_provinces_that_people_write(vocabularies: Vocabularies, name: str, code: str) -> None:
    assert [p.id for p in vocabularies.provinces.values() if name in p.names] == [code]


def test_split_provinces_are_dated(vocabularies: Vocabularies) -> None:
    split = {p.id: p.split_from for p in vocabularies.provinces.values() if p.split_from}
    assert split == {
        "19": "16",
        "21": "14",
        "36": "32",
        "65": "64",
        "75": "71",
        "76": "73",
        "82": "81",
        "92": "91",
        "93": "91",
        "94": "91",
        "95": "91",
        "96": "92",
    }
    assert {p.id for p in vocabularies.provinces.values() if p.since and p.founded_by} == set(split)
    papua_tengah = vocabularies.provinces["94"]
    assert not papua_tengah.existed_on(date(2015, 6, 1))
    assert papua_tengah.existed_on(date(2022, 7, 25))
    assert vocabularies.provinces["91"].existed_on(date(1999, 1, 1))


def test_priorities_of_a_theme_include_broader_ones(vocabularies: Vocabularies) -> None:
    assert vocabularies.themes["deradicalisation"].priorities == ("prevention", "deradicalisation")


def test_priorities_with_broader(vocabularies: Vocabularies) -> None:
    assert vocabularies.priorities_with_broader(["legal-framework", "partnership", "no-such"]) == (
        "law-and-protection",
        "legal-framework",
        "partnership-and-cooperation",
        "partnership",
    )
    assert vocabularies.priorities_with_broader([]) == ()


def test_labels_are_indonesian_unless_english_is_asked_for(vocabularies: Vocabularies) -> None:
    assert vocabularies.kinds["report"].label("id") == "Laporan"
    assert vocabularies.kinds["report"].label("en") == "Report"
    assert vocabularies.provinces["33"].label("en") == "Central Java"
    assert vocabularies.provinces["33"].label("id") == "Jawa Tengah"


def test_names_stand_once_whatever_their_case_labels_first(vocabularies: Vocabularies) -> None:
    names = vocabularies.themes["hate-speech"].names
    assert names[0] == "Ujaran kebencian, intoleransi, dan diskriminasi"
    assert len({name.casefold() for name in names}) == len(names)
    assert vocabularies.provinces["11"].names[0] == "Aceh"
    assert vocabularies.provinces["11"].names.count("Aceh") == 1
    assert vocabularies.organisations["bnpt"].names[:3] == (
        "Badan Nasional Penanggulangan Terorisme",
        "National Counter Terrorism Agency",
        "BNPT",
    )


def test_vocabularies_pass_to_another_process(vocabularies: Vocabularies) -> None:
    assert pickle.loads(pickle.dumps(vocabularies)) == vocabularies


THEME = """terms:
  - id: forests
    label: {id: Hutan, en: Forests}
    synonyms: {id: [rimba], en: [woods]}
    priorities: [preparedness]
"""


def test_a_file_of_ones_own_replaces_the_packaged_one(tmp_path: Path, vocabularies: Vocabularies) -> None:
    (tmp_path / "themes.yaml").write_text(THEME, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a vocabulary", encoding="utf-8")
    own = load_vocabularies(tmp_path)
    assert list(own.themes) == ["forests"]
    assert own.themes["forests"].names == ("Hutan", "Forests", "rimba", "woods")
    assert own.themes["forests"].priorities == ("prevention", "preparedness")
    assert own.provinces == vocabularies.provinces


def test_every_packaged_file_may_be_replaced(tmp_path: Path, vocabularies: Vocabularies) -> None:
    for name in FILES:
        # As a spreadsheet or an editor on Windows saves it: with a byte order mark.
        (tmp_path / name).write_text((PACKAGED / name).read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert load_vocabularies(tmp_path) == vocabularies


def _replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        text = (PACKAGED / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return write


def _written(name: str, text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_text(text, encoding="utf-8")

    return write


@pytest.mark.parametrize(
    ("write", "named"),
    [
        (_written("theme.yaml", THEME), ["theme.yaml", "themes.yaml"]),
        (_written("themes.yaml", "terms: [unclosed"), ["themes.yaml", "not YAML"]),
        (_written("themes.yaml", ""), ["themes.yaml", "`terms`"]),
        (_written("themes.yaml", "themes: []"), ["themes.yaml", "`terms`"]),
        (_written("themes.yaml", "terms: forests"), ["themes.yaml", "`terms`"]),
        (_written("themes.yaml", "terms: [forests]"), ["themes.yaml", "entry 1"]),
        (_written("themes.yaml", THEME + THEME.removeprefix("terms:\n")), ["themes.yaml", "forests", "twice"]),
        (_written("themes.yaml", THEME.replace(", en: Forests", "")), ["themes.yaml", "forests", "label.en"]),
        (_written("themes.yaml", THEME.replace("en: Forests", "en: ''")), ["themes.yaml", "forests", "label.en"]),
        (_written("themes.yaml", THEME.replace("forests", "Old Forests")), ["themes.yaml", "Old Forests", "id"]),
        (_written("themes.yaml", THEME.replace("synonyms", "synonym")), ["themes.yaml", "forests", "synonym"]),
        (_written("themes.yaml", THEME.replace("preparedness", "trees")), ["themes.yaml", "forests", "'trees'"]),
        (_written("themes.yaml", THEME + "    broader: nature\n"), ["themes.yaml", "forests", "'nature'"]),
        (_written("themes.yaml", THEME + "    broader: forests\n"), ["themes.yaml", "forests", "broader than itself"]),
        (_replaced("kinds.yaml", "id: other", "id: rest"), ["kinds.yaml", "other", "missing"]),
        (_replaced("stakeholder_groups.yaml", "id: donor", "id: giver"), ["stakeholder_groups.yaml", "donor"]),
        (
            _replaced("priorities.yaml", "- id: prevention", "- id: prevention\n    broader: deradicalisation"),
            ["priorities.yaml", "prevention", "broader than itself"],
        ),
        (_replaced("provinces.yaml", 'id: "11"', "id: 11"), ["provinces.yaml", "11", "string"]),
        (_replaced("provinces.yaml", 'split_from: "16"', 'split_from: "99"'), ["provinces.yaml", "19", "'99'"]),
        (_replaced("provinces.yaml", "2000-12-04", "long ago"), ["provinces.yaml", "19", "since"]),
        (_replaced("organisations.yaml", "group: ministry", "group: secret"), ["organisations.yaml", "'secret'"]),
        (_replaced("regencies.csv", "code,name", "kode,nama"), ["regencies.csv", "code,name"]),
        (_replaced("regencies.csv", "11.02,", "11.01,"), ["regencies.csv", "11.01", "twice"]),
        (_replaced("regencies.csv", "Aceh Tenggara,kabupaten,11", "Aceh Tenggara,kabupaten,98"), ["11.02", "'98'"]),
        (_replaced("regencies.csv", "Aceh Tenggara,kabupaten", "Aceh Tenggara,town"), ["11.02", "type"]),
        (_replaced("regencies.csv", "11.02,Aceh Tenggara", "11.02,"), ["regencies.csv", "11.02", "name"]),
        (_replaced("regencies.csv", "11.02,", ","), ["regencies.csv", "line 3", "code"]),
        (_replaced("regencies.csv", "Tenggara,kabupaten,11,,", "Tenggara,kabupaten"), ["11.02", "province"]),
        (
            _replaced("regencies.csv", "Aceh Tenggara,kabupaten,11,,", "Aceh Tenggara,kabupaten,11,,,,"),
            ["11.02", "more"],
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_file_and_term(
    tmp_path: Path, write: Callable[[Path], None], named: list[str]
) -> None:
    write(tmp_path)
    with pytest.raises(ConfigurationError) as refusal:
        load_vocabularies(tmp_path)
    for words in named:
        assert words in refusal.value.message


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "themes.yaml").write_bytes(THEME.replace("Hutan", "Hut\xe9n").encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"themes\.yaml cannot be read"):
        load_vocabularies(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_vocabularies(tmp_path / "nowhere")

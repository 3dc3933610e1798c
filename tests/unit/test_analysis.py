"""Analysis: what is a word, what meets what, and that offsets point to what was read."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdings.errors import ConfigurationError
from indexer.analysis import ANALYSIS_VERSION, Analyzer
from indexer.cutting import fold, plain_runs, runs
from indexer.stemming import read_roots
from indexer.word_lists import read_overrides, read_own_roots, read_stop_words

ANALYZER = Analyzer()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  ,.;\n", []),
        ("Undang-Undang", ["undang", "undang"]),
        ("anak-\nanak", ["anak", "anak"]),
        ("pemba-\n  ngunan", ["pembangunan"]),
        ("Non-\nPemerintah", ["non", "pemerintah"]),
        ("Perundang-\nundangan", ["perundang", "undangan"]),
        ("sekurang-\r\n kurangnya", ["sekurang", "kurangnya"]),
        ("pemba\u2010\nngunan pemba\u00ad\nngunan", ["pembangunan", "pembangunan"]),
        ("2-\ndimensi", ["2", "dimensi"]),
        ("jum'at da’wah people's Jum‘at Qur\u02bean", ["jumat", "dawah", "peoples", "jumat", "quran"]),
        ("U.N. U.S.A. e.g. (K.H.Abdurrahman)", ["un", "usa", "eg", "kh", "abdurrahman"]),
        (
            "S.Sos M.Si. www.x.co.id ab.c.d 1.a.2",
            ["s", "sos", "m", "si", "www", "x", "co", "id", "ab", "c", "d", "1", "a", "2"],
        ),
        ("‘kutipan’ 'satu'", ["kutipan", "satu"]),
        ("5/2018 15A 1.000", ["5", "2018", "15a", "1", "000"]),
        ("COVID-19 e-mail a.b@c.id", ["covid", "19", "e", "mail", "a", "b", "c", "id"]),
        ("ﬁnal CAFÉ cafe\u0301 Ｆｕｌｌ", ["final", "cafe", "cafe", "full"]),
        ("zero\u200bwidth soft\u00adhyphen", ["zerowidth", "softhyphen"]),
        ("Straße İstanbul", ["strasse", "istanbul"]),
        ("права человека", ["права", "человека"]),
        ("حُقُوقُ الإنسان محمـــد", ["حقوق", "الإنسان", "محمد"]),
        ("मानव अधिकार। สิทธิ", ["मानव", "अधिकार", "สิทธิ"]),
        ("ꦲꦏ꧀ꦱꦫ ᮃᮊ᮪ᮞᮛ", ["ꦲꦏ꧀ꦱꦫ", "ᮃᮊ᮪ᮞᮛ"]),
        ("人权", ["人权"]),
        ("2OO3 m² Ⅳ", ["2oo3", "m2", "iv"]),
        ("low_line Nama____x", ["low", "line", "nama", "x"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert ANALYZER.words(text) == words
    assert [token.word for token in ANALYZER.tokens(text)] == words


@pytest.mark.parametrize(
    "meet",
    [
        ("mendanai", "pendanaan", "didanai", "dana"),
        ("memberantas", "pemberantasan", "diberantas"),
        ("memperkuat", "penguatan", "kuat"),
        ("perlindungan", "dilindungi", "melindungi", "pelindungan"),
        ("penyidikan", "penyidik", "penyidikannya"),
        ("penegakan", "penegak", "ditegakkan"),
        ("persetujuan", "disetujui"),
        ("pertanggungjawaban", "dipertanggungjawabkan"),
        ("terorisme", "teroris", "Teroris", "kontraterorisme", "terorismenya", "meneror"),
        ("radikalisme", "radikalisasi", "deradikalisasi", "radikal", "deradikalisasinya", "teradikalisasi"),
        ("ekstremisme", "ekstrimisme", "ekstremis"),
        ("jihadis", "jihadisme", "jihadists"),
        ("provinsi", "propinsi"),
        ("Jemaah", "jama'ah"),
        ("radicalization", "radicalisation", "deradicalisation", "radical"),
        ("terrorism", "terrorists", "counterterrorism"),
        ("programme", "programs", "program"),
        ("financing", "financed"),
        ("countries", "country"),
        ("parameter", "parameters"),
        ("women", "women's"),
    ],
)
def test_words_that_meet(meet: tuple[str, ...]) -> None:
    assert len({tuple(ANALYZER.stems(word)) for word in meet}) == 1, [ANALYZER.stems(word) for word in meet]


@pytest.mark.parametrize(
    "apart",
    [
        ("perempuan", "empu"),
        ("terorisme", "teori"),
        ("kepolisian", "polis"),
        ("dana", "danau"),
        ("agama", "agam"),
        ("keberagaman", "keberagamaan"),
        ("persetujuan", "tujuan"),
        ("toleransi", "intoleransi"),
        ("ekstrem", "ekstremisme"),
        ("Maluku", "malu"),
        ("Bekasi", "bekas"),
        ("Kediri", "diri"),
        ("pers", "per"),
        ("organ", "organisation"),
    ],
)
def test_words_that_do_not_meet(apart: tuple[str, str]) -> None:
    assert ANALYZER.stems(apart[0]) != ANALYZER.stems(apart[1])


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("aK-\n.'’_\u00ad\u0301\u02bcﬁé "), max_size=60
)


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_offsets_point_to_the_word(text: str) -> None:
    for token in ANALYZER.tokens(text):
        assert token.word
        assert " " not in token.word
        assert token.word in ANALYZER.words(text[token.start : token.end])


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_few_words_are_found_where_all_are(text: str) -> None:
    analysed = ANALYZER.analyse(text * 3)
    numbers = range(len(analysed.stems))
    every = ANALYZER.analyse(text * 3)._all_spans()
    assert [analysed.spans([number])[0] for number in numbers] == list(every)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_words_stems_and_tokens_agree(text: str) -> None:
    tokens = list(ANALYZER.tokens(text))
    assert [token.word for token in tokens] == ANALYZER.words(text)
    assert [token.stem for token in tokens] == ANALYZER.stems(text)
    assert all(len(word.encode()) < 2000 for word in ANALYZER.words(text)), "no engine cuts or refuses it"


@given(TEXTS)
@settings(deadline=None)
def test_folding_twice_changes_nothing(text: str) -> None:
    for word in ANALYZER.words(text):
        assert fold(word) == word


@given(
    st.text(st.sampled_from("abBé5 -\n\t\r'’`_.“–•x/\x00\x1f"), max_size=80) | st.text(st.characters(max_codepoint=127))
)
@settings(max_examples=1000, deadline=None)
def test_plain_texts_are_cut_as_all_others(text: str) -> None:
    text = text.replace("_", " ")
    plain = plain_runs(text)
    if plain is not None:
        assert plain == runs(text)


def test_most_texts_are_plain() -> None:
    assert plain_runs("Pasal 5 ayat (1) – “Setiap orang” • undang-undang; 'kutipan'") is not None
    assert plain_runs("jum'at") is None
    assert plain_runs("x" * 65) is None


def test_an_endless_word_becomes_several_and_none_of_it_is_lost() -> None:
    assert "".join(ANALYZER.words("x" * 1000)) == "x" * 1000


def test_garbage_costs_no_time() -> None:
    began = time.perf_counter()
    for number in range(200):
        ANALYZER.stems(f"{'memper' * 20}{number} {'meng' * 8}x{number}kan")
    assert time.perf_counter() - began < 5


def test_stop_words_are_function_words_of_both_languages() -> None:
    stop_words = read_stop_words()
    assert {"yang", "dan", "the", "of"} <= stop_words
    assert not stop_words & {"aman", "anak", "bulan", "khusus", "umum", "negara", "orang", "warga", "state", "right"}
    assert all(fold(word) == word for word in stop_words)


def test_given_stems_are_words_of_their_own_group() -> None:
    overrides = read_overrides()
    assert all(fold(word) == word for word in read_own_roots())
    assert all(overrides.get(stem) == stem for stem in overrides.values())
    assert all(fold(word) == word for word in overrides)


def test_the_cache_is_kept_and_damage_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stems.cache"
    first = Analyzer(cache_path=path)
    assert first.stems("mendanai") == ["dana"]
    first.save_cache()
    written = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr("indexer.stemming.WordStemmer", None)
        assert Analyzer(cache_path=path).stems("mendanai") == ["dana"], "it is read"
    for damaged in (
        b"",
        b"\xff\xfe",
        b"\0" * 1000,
        written[:-3],
        written.replace(b"mendanai dana", b"mendanai lain"),
        written.replace(b"# stems by ", b"# stems by other "),
    ):
        path.write_bytes(damaged)
        assert Analyzer(cache_path=path).stems("mendanai") == ["dana"]


def test_the_cache_of_other_root_words_is_not_read(tmp_path: Path) -> None:
    roots, path = tmp_path / "roots.txt", tmp_path / "stems.cache"
    roots.write_text("lindung\n", encoding="utf-8")
    default = Analyzer(cache_path=path)
    default.stems("mendanai")
    default.save_cache()
    own = Analyzer(cache_path=path, roots_path=roots)
    assert own.stems("mendanai") != ["dana"]
    assert own.version != default.version == ANALYSIS_VERSION


def test_what_two_processes_learn_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "stems.cache"
    first, second = Analyzer(cache_path=path), Analyzer(cache_path=path)
    first.stems("mendanai")
    second.stems("perlindungan")
    first.save_cache()
    second.save_cache()
    kept = path.read_text(encoding="utf-8")
    assert "mendanai dana" in kept
    assert "perlindungan lindung" in kept
    assert [p.name for p in tmp_path.iterdir()] == ["stems.cache"], "nothing is left beside it"


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    analyzer = Analyzer(cache_path=tmp_path / "file" / "stems.cache")
    analyzer.stems("mendanai")
    analyzer.save_cache()
    assert "could not be written" in caplog.text


def test_other_root_words(tmp_path: Path) -> None:
    roots = tmp_path / "roots.txt"
    roots.write_text("# mine\nlindung\n", encoding="utf-8")
    own = Analyzer(roots_path=roots)
    assert own.stems("perlindungan") == ["lindung"]
    assert own.stems("mendanai") != ["dana"]
    (tmp_path / "empty").touch()
    for wrong in (tmp_path / "missing.txt", tmp_path / "empty", tmp_path):
        with pytest.raises(ConfigurationError, match=r"indexer\.roots"):
            Analyzer(roots_path=wrong).stems("perlindungan")


def test_root_words_of_a_hunspell_dictionary(tmp_path: Path) -> None:
    roots = tmp_path / "id_ID.dic"
    roots.write_text("4\ndi\nlindung/DiMkPa\nbangsa-bangsa\nJawa\n", encoding="utf-8")
    found = read_roots(roots)
    assert {"lindung", "jawa"} <= set(found)
    assert not {"4", "di", "bangsa-bangsa"} & set(found)
    assert Analyzer(roots_path=roots).stems("perlindungan") == ["lindung"]


def test_threads_get_the_same() -> None:
    analyzer = Analyzer()
    words = [f"{prefix}{root}an" for prefix in ("pe", "ke", "per") for root in ("lindung", "aman", "kuat", "countri")]
    results: list[list[str]] = []

    def stem() -> None:
        results.append([analyzer.stem(word) for word in words * 50])

    threads = [threading.Thread(target=stem) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(result == results[0] for result in results)


def test_version_names_rules_and_data() -> None:
    assert ANALYSIS_VERSION.count("-") == 3

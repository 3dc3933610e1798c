"""Which language a document is in, by lingua, decided for the document as a whole.

Indonesian and Malay are near: single paragraphs are taken for the other in a tenth of cases, documents are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from holdings.model import Page
from ingest.description.findings import Finding, found

if TYPE_CHECKING:
    from lingua import LanguageDetector

UNKNOWN = "und"
# Languages of the region, of the United Nations and of donors, and Latin, for texts that only fill a place.
_LANGUAGES = "ar bn cs de en es fa fr he hi id it ja ko la ms nl pl pt ru sv ta th tl tr ur vi zh".split()  # noqa: SIM905
# Lists of species are taken for Latin.
_CLEARLY_LATIN = 0.95
_ADDRESS = re.compile(r"[/\\@]|www\.")
# Longer samples are no surer, and lingua takes 2 ms for a thousand characters.
_SAMPLE_CHARACTERS = 3_000
_LEAST_OF_A_PAGE = 300
# Scripts that one language of the list has for itself.
_SCRIPTS = tuple(
    (re.compile(f"[{letters}]+"), code)
    for letters, code in (
        ("\u0400-\u04ff", "ru"),
        ("\u0590-\u05ff", "he"),
        ("\u0e00-\u0e7f", "th"),
        ("\uac00-\ud7a3", "ko"),
        ("\u0980-\u09ff", "bn"),
        ("\u0900-\u097f", "hi"),
        ("\u0b80-\u0bff", "ta"),
    )
)
_SURE_BY_SCRIPT = 0.95
# Languages that lingua does not know, and Indonesian, by words that each has alone.
_INDONESIAN_WORDS = "yang dan untuk dengan dari pada dalam ini itu tidak adalah oleh atau akan telah"
_SUNDANESE_WORDS = "nu jeung anu pikeun teu ieu éta ti ku ka dina ngeunaan kana urang geus henteu"
_JAVANESE_WORDS = "lan ing kang sing ora iku iki saka marang kanggo karo wis menyang dadi ana para"
_SMALL_WORDS = {
    "id": frozenset(_INDONESIAN_WORDS.split()),
    "su": frozenset(_SUNDANESE_WORDS.split()),
    "jv": frozenset(_JAVANESE_WORDS.split()),
}
_SHARE_OF_SMALL_WORDS = 0.06
# Words that are frequent in every text of these languages, and in none of another but Malay.
_ENGLISH_WORDS = "the of and to is that for with are this by be from which was have has not their an or on as at it"
_CLEAR = {
    "id": _SMALL_WORDS["id"] | frozenset("di ke sebagai juga dapat serta para secara tersebut".split()),  # noqa: SIM905
    "en": frozenset(_ENGLISH_WORDS.split()),
}
_CLEARLY = {"id": 0.06, "en": 0.12}
_HARDLY = 0.03
_SURE_BY_WORDS = 0.99
_MARKS_NEEDED = 3
_ENOUGH_WORDS = 60
# What Indonesian and Malay write each in their own way.
_INDONESIAN_ALONE = (
    "karena bahwa nomor tanggal pasal provinsi kabupaten bisa kantor kota kebijakan republik desember agustus maret "
    "pemerintah kepolisian narapidana pengadilan"
)
_NOT_MALAY = frozenset(_INDONESIAN_ALONE.split())
_NOT_INDONESIAN = frozenset("ialah kerana bahawa kerajaan tarikh iaitu seksyen fasal mesyuarat polis".split())  # noqa: SIM905
_MIN_LETTERS = 40
# From this length on lingua needs only its trigrams; for less it would load models that are many times as large.
_LONG_ENOUGH = 150
_LEAST_SURE = 0.6
# In a hub of Indonesia: what is not clearly Malay is Indonesian.
_CLEARLY_MALAY = 0.9


def language_of(pages: Sequence[Page]) -> Finding:
    """Return the ISO 639-1 code of the language that most of the text is in; `und` when it cannot be told.

    Each page counts for its first part only, so that all have their say.
    """
    share = max(_LEAST_OF_A_PAGE, _SAMPLE_CHARACTERS // max(1, len(pages)))
    sample = " ".join(page.text[:share] for page in pages)[:_SAMPLE_CHARACTERS]
    # Numbers, signs and addresses say nothing.
    words = " ".join(word for word in sample.split() if any(map(str.isalpha, word)) and not _ADDRESS.search(word))
    if sum(map(str.isalpha, words)) < _MIN_LETTERS:
        return Finding(UNKNOWN, 1.0, None, "")
    code, confidence = _by_script(words) or by_small_words(words) or detect(words)
    if code == "id":
        code, confidence = _of_the_islands(words) or (code, confidence)
    if confidence < _LEAST_SURE:
        return Finding(UNKNOWN, 1 - confidence, None, "")
    page = next(page for page in pages if page.text.strip())
    return found(code, round(confidence, 3), page.number, page.text[:200])


def _by_script(text: str) -> tuple[str, float] | None:
    """Return the language of a text most of whose letters are of a script that one of the languages has alone."""
    if text.isascii():
        return None
    letters = sum(map(str.isalpha, text))
    for script, code in _SCRIPTS:
        if sum(map(len, script.findall(text))) > 0.5 * letters:
            return code, _SURE_BY_SCRIPT
    return None


def by_small_words(text: str) -> tuple[str, float] | None:
    """Return Indonesian or English where the small words leave no doubt, which is a hundred times as fast as lingua."""
    words = text.lower().split()
    if len(words) < _ENOUGH_WORDS:
        return None
    found = set(words)
    share = {code: sum(map(_CLEAR[code].__contains__, words)) / len(words) for code in _CLEAR}
    if share["id"] >= _CLEARLY["id"] and share["en"] <= _HARDLY:
        clear = len(_NOT_MALAY & found) >= _MARKS_NEEDED and _NOT_INDONESIAN.isdisjoint(found)
        return ("id", _SURE_BY_WORDS) if clear else None
    if share["en"] >= _CLEARLY["en"] and share["id"] <= _HARDLY and {"the", "and", "of"} <= found:
        return "en", _SURE_BY_WORDS
    return None


def _of_the_islands(text: str) -> tuple[str, float] | None:
    """Return a regional language that is taken for Indonesian, by its small words."""
    words = text.lower().split()
    of_indonesian = sum(map(_SMALL_WORDS["id"].__contains__, words))
    for code in ("su", "jv"):
        count = sum(map(_SMALL_WORDS[code].__contains__, words))
        if count > of_indonesian and count >= _SHARE_OF_SMALL_WORDS * len(words):
            return code, 0.8
    return None


def detect(text: str) -> tuple[str, float]:
    """Return the likeliest language of a text and how sure that is."""
    if len(text) < _LONG_ENOUGH:
        text = f"{text} " * (_LONG_ENOUGH // max(len(text), 1) + 1)
    values = _detector().compute_language_confidence_values(text)
    sure = {value.language.iso_code_639_1.name.lower(): value.value for value in values}
    code = max(sure, key=lambda language: sure[language])
    if code == "la" and sure["la"] < _CLEARLY_LATIN:
        code = max(sure, key=lambda language: sure[language] if language != "la" else 0.0)
        return code, sure[code] + sure["la"]
    if code == "ms" and sure["ms"] < _CLEARLY_MALAY:
        return "id", sure["id"] + sure["ms"]
    if code == "id":
        return "id", sure["id"] + sure["ms"]
    return code, sure[code]


@cache
def _detector() -> LanguageDetector:
    # Imported on first use: what only searches never needs it.
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_iso_codes_639_1(
        *(getattr(IsoCode639_1, code.upper()) for code in _LANGUAGES)
    ).build()

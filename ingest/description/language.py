"""Which language a document is in, by lingua, decided for the document as a whole.

Indonesian and Malay are near: single paragraphs are taken for the other in a tenth of cases, documents are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from holdings.model import Page
from ingest.description.findings import Finding, found

if TYPE_CHECKING:
    from lingua import LanguageDetector

UNKNOWN = "und"
# Languages of the region, of the United Nations and of donors. Latin is not among them: lists of species and lorem
# ipsum are taken for it, documents never are in it.
_LANGUAGES = "ar bn cs de en es fa fr he hi id it ja ko ms nl pl pt ru sv ta th tl tr ur vi zh".split()  # noqa: SIM905
_SAMPLE_CHARACTERS = 12_000
_MIN_LETTERS = 40
# From this length on lingua needs only its trigrams; for less it would load models that are many times as large.
_LONG_ENOUGH = 150
_LEAST_SURE = 0.6
# In a hub of Indonesia: what is not clearly Malay is Indonesian.
_CLEARLY_MALAY = 0.9


def language_of(pages: Sequence[Page]) -> Finding:
    """Return the ISO 639-1 code of the language that most of the text is in; `und` when it cannot be told."""
    sample = " ".join(page.text for page in pages)[:_SAMPLE_CHARACTERS]
    # Numbers and signs say nothing.
    words = " ".join(word for word in sample.split() if any(map(str.isalpha, word)))
    if sum(map(str.isalpha, words)) < _MIN_LETTERS:
        return Finding(UNKNOWN, 1.0, None, "")
    code, confidence = detect(words)
    if confidence < _LEAST_SURE:
        return Finding(UNKNOWN, 1 - confidence, None, "")
    page = next(page for page in pages if page.text.strip())
    return found(code, round(confidence, 3), page.number, page.text[:200])


def detect(text: str) -> tuple[str, float]:
    """Return the likeliest language of a text and how sure that is."""
    if len(text) < _LONG_ENOUGH:
        text = f"{text} " * (_LONG_ENOUGH // max(len(text), 1) + 1)
    values = _detector().compute_language_confidence_values(text)
    sure = {value.language.iso_code_639_1.name.lower(): value.value for value in values}
    code = max(sure, key=lambda language: sure[language])
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
